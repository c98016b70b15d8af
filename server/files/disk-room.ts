import type { Deps } from '../deps.ts';
import { PortalError } from '../errors.ts';

type RoomDeps = Pick<Deps, 'files' | 'config'>;

/** However large the disk is, so much stays free: the database and the logs may live on it too. */
const LEAST_FREE_BYTES = 512 * 1024 * 1024;

/** The store's disk, and whether uploads are taken. */
export interface DiskRoom {
  free: number;
  total: number;
  /** How full it is, from 0 to 1, as `df` says it. */
  full: number;
  /** What has to stay free. */
  kept: number;
  /** Files are taken. Reading goes on in any case. */
  open: boolean;
}

/** How much room there is for files. */
export async function diskRoom({ files, config }: RoomDeps): Promise<DiskRoom> {
  const { free, total } = await files.freeSpace();
  const kept = Math.max(LEAST_FREE_BYTES, total * (1 - config.uploadStopPercent / 100));
  return { free, total, full: total === 0 ? 1 : 1 - free / total, kept, open: free >= kept };
}

/** Whether so many bytes more leave free what has to stay free. */
export async function hasRoom(deps: RoomDeps, bytes = 0): Promise<boolean> {
  const { free, kept } = await diskRoom(deps);
  return free >= kept + bytes;
}

/**
 * Makes sure that there is room for so many bytes more.
 * @throws 507 in words
 */
export async function needRoom(deps: RoomDeps, bytes = 0): Promise<void> {
  if (!(await hasRoom(deps, bytes))) throw diskFull();
}

export const diskFull = () => new PortalError(507, 'disk_full', 'error.diskFull');
