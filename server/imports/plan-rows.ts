import type { Current, Known } from './current-queries.ts';
import {
  claimHash,
  fieldHash,
  RECORD_FIELDS,
  writtenHash,
  writtenOf,
  type Gap,
  type ImportRecord,
  type RecordClaim,
  type RecordField,
  type Written,
} from './import-record.ts';
import type { RowFault } from './row-reader.ts';

/** A row that was read, mapped and understood; its content hash is known. */
export type ReadyRow = {
  position: number;
  externalId: string;
  record: ImportRecord;
  adaptedFromVersion: number | null;
  gaps: Gap[];
  /** False: a file could not be had, so the resource keeps those it has. */
  filesComplete: boolean;
  hash: string;
};

export type RejectedRow = {
  position: number;
  line: number;
  externalId: string | null;
  faults: RowFault[];
  raw: string;
};

/** One field that differs; `kept`: staff corrected it by hand, so the row's value was not taken. */
export type Change = { field: RecordField | 'claims'; kept?: true };

/** What is to be done about a row. */
export type Plan =
  | { action: 'new'; row: ReadyRow }
  | { action: 'unchanged'; row: ReadyRow; known: Known }
  /** Nothing on the shelf changes; what is known of the row does. */
  | { action: 'note'; row: ReadyRow; current: Current; written: Written; changes: Change[] }
  /** Staff took it off the shelf, or purged it. */
  | { action: 'off'; row: ReadyRow; known: Known }
  | {
      action: 'changed';
      row: ReadyRow;
      current: Current;
      /** The next version: the row, with what staff corrected. */
      record: ImportRecord;
      written: Written;
      changes: Change[];
      added: RecordClaim[];
      /** Ids of alignments that end with the version before. */
      closed: string[];
      /** What somebody checked is no longer what stands there. */
      recheck: boolean;
    };

/** Whether a row needs no closer look: the same as it was imported last, and where it belongs. */
export const isUnchanged = (row: ReadyRow, known: Known): boolean =>
  known.content_hash === row.hash && (known.state === 'published' || known.state === 'submitted');

/** Whether somebody took it off the shelf for a reason that an import must not undo. */
export const isOff = (known: Known): boolean =>
  known.state === 'purged' || (known.state === 'withdrawn' && !known.withdrawn_by_import);

/** What a checker looked at: with these as they were, a check still holds. */
const CHECKED: readonly RecordField[] = ['url', 'fullText', 'description', 'files'];

/**
 * Compares a row with what stands on the shelf, field by field, against what an import wrote there last: what differs
 * from that was corrected by hand and stays.
 */
export function planChange(row: ReadyRow, current: Current): Extract<Plan, { action: 'changed' | 'note' }> {
  const base = current.written;
  const next = row.record;
  const nextHashes = writtenOf(next).fields;
  const record: ImportRecord = { ...current.record };
  const fields: Written['fields'] = {};
  const changes: Change[] = [];
  for (const field of RECORD_FIELDS) {
    const now = fieldHash(current.record, field);
    const before = writtenHash(base, field);
    const wanted = nextHashes[field];
    fields[field] = before ?? now;
    if ((field === 'files' || field === 'educatorFiles') && !row.filesComplete) continue;
    // Where it was adapted from is shown by the resource, and nobody corrects it in a version.
    const byHand = field !== 'adaptedFrom' && before !== undefined && before !== now;
    if (wanted === now) {
      fields[field] = now;
    } else if (byHand) {
      changes.push({ field, kept: true });
    } else {
      fields[field] = wanted ?? now;
      changes.push({ field });
      Object.assign(record, { [field]: next[field] });
    }
  }
  const claims = planClaims(row, current);
  changes.push(...claims.changes);
  const written = { fields, claims: next.claims.map(claimHash) };
  const taken = changes.filter((change) => !change.kept);
  if (taken.length === 0 && current.state !== 'withdrawn')
    return { action: 'note', row, current, written, changes };
  return {
    action: 'changed',
    row,
    current,
    record,
    written,
    changes,
    added: claims.added,
    closed: claims.closed,
    recheck: taken.some(({ field }) => CHECKED.includes(field as RecordField)),
  };
}

/** Claims one by one: those of the row that are new begin, those it no longer makes end; one that staff ended stays so. */
function planClaims(
  { record }: ReadyRow,
  current: Current,
): { added: RecordClaim[]; closed: string[]; changes: Change[] } {
  const now = new Set(current.claims.map(claimHash));
  const before = new Set(current.written?.claims ?? now);
  const wanted = new Set(record.claims.map(claimHash));
  const missing = record.claims.filter((claim) => !now.has(claimHash(claim)));
  const added = missing.filter((claim) => !before.has(claimHash(claim)));
  const closed = current.claims
    .filter((claim) => before.has(claimHash(claim)) && !wanted.has(claimHash(claim)))
    .map(({ id }) => id);
  const changes: Change[] = [];
  if (added.length + closed.length > 0) changes.push({ field: 'claims' });
  if (missing.length > added.length) changes.push({ field: 'claims', kept: true });
  return { added, closed, changes };
}
