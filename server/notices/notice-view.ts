import { resourcePath } from '../lib/slug.ts';
import { isMessageKey, type Translate } from '../locale/locale.ts';
import { isNoticeKind, noticeKey, noticeKinds } from './notice-kinds.ts';
import type { NoticeRow } from './notice-queries.ts';

/** A notice as a line of a list. */
export interface NoticeItem {
  text: string;
  /** Leads to what it is about and marks it as seen. */
  url: string;
  at: Date;
  seen: boolean;
}

/** On the shelf: what is new, or the last few. */
export interface NoticeList {
  items: NoticeItem[];
  /** How many are new in all. */
  unseen: number;
}

/** `notices/index`: all of the last months. POST `seenUrl` marks them as seen. */
export interface NoticesPage extends NoticeList {
  seenUrl: string;
}

/** The lines of notices; kinds that this portal doesn't know any more are left out. */
export const noticeItems = (t: Translate, rows: readonly NoticeRow[]): NoticeItem[] =>
  rows.flatMap((row) => {
    const text = noticeText(t, row);
    return text === null
      ? []
      : [{ text, url: `/notices/${row.id}`, at: new Date(row.at), seen: row.seen_at !== null }];
  });

/** The sentence of a notice in the reader's words; null where its kind is unknown. */
export function noticeText(t: Translate, row: NoticeRow): string | null {
  if (!isNoticeKind(row.kind)) return null;
  const detail = { ...row.detail };
  for (const [name, keyOf] of Object.entries(noticeKinds[row.kind].words ?? {})) {
    const key = keyOf(detail[name] ?? '');
    detail[name] = isMessageKey(key) ? t(key) : '';
  }
  return t(noticeKey(row.kind), {
    ...detail,
    by: row.by_name ?? t('notice.someone'),
    title: row.title === null ? t('notice.gone') : row.title || t('share.untitled'),
  });
}

/** Where a notice leads; null when nothing is left of what it is about. */
export function noticeTarget(row: NoticeRow): string | null {
  const { url } = row.detail;
  if (typeof url === 'string') return url;
  if (row.resource_id === null || row.title === null) return null;
  const part = isNoticeKind(row.kind) ? noticeKinds[row.kind].part : undefined;
  return resourcePath(row.resource_id, row.title) + (part ? `#${part}` : '');
}
