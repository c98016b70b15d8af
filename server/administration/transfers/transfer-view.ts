import type { Link } from '../../web/page-parts.ts';
import type { TransferState } from './transfer-states.ts';

/** `admin/transfer`: what will go, is going, or went from one to another. */
export interface AdminTransferPage {
  url: string;
  title: string;
  crumbs: Link[];
  state: TransferState;
  from: Link;
  to: Link;
  by: string | null;
  at: Date;
  says: string[];
  /** As planned. */
  counts: { label: string; count: number }[];
  /** Names of imports' sources that are others now. */
  sources: { before: string; after: string }[];
  percent: number | null;
  items: {
    title: string;
    url: string | null;
    language: string;
    kind: string;
    state: string;
    left: boolean;
  }[];
  /** Of what was chosen. */
  itemsTotal: number;
  moveUrl: string;
  submit: string;
  mayMove: boolean;
  /** POST plans to give it all back. */
  backUrl: string | null;
  takenBackUrl: string | null;
  /** Where the preview was begun. */
  cancelUrl: string;
}
