/** The spellings by which the standards of one framework are found: rows for `standard_code`. Pure. */
import { codeAliases, codeParts, commonCodePrefix, normCode } from '../lib/standard-code.ts';

export interface CodeRow {
  guid: string;
  norm: string;
  kind: 'full' | 'alias';
}

interface Coded {
  guid: string;
  code: string | null;
  otherCodes: readonly string[];
}

/**
 * All codes of a framework: each item's full code, its usual short spellings, other codes that the file gave, and
 * for codes whose parent has no code of its own (Common Core's `3.NF` above `3.NF.A`) the parent's code, so that
 * it finds all that stand directly below. A spelling that is another item's full code stays that item's alone.
 */
export function codeRows(items: readonly Coded[]): CodeRow[] {
  const prefix = commonCodePrefix(items.flatMap(({ code }) => (code === null ? [] : [code])));
  const full = new Set(items.map(({ code }) => normCode(code ?? '')));
  const rows: CodeRow[] = [];
  for (const { guid, code, otherCodes } of items) {
    const own = code === null ? '' : normCode(code);
    const aliases = new Set(code === null ? [] : codeAliases(code, prefix));
    for (const other of otherCodes) aliases.add(normCode(other));
    const branch = code === null ? undefined : branchOf(code);
    if (branch !== undefined && !full.has(normCode(branch)))
      for (const alias of codeAliases(branch, prefix)) aliases.add(alias);
    if (own !== '') rows.push({ guid, norm: own, kind: 'full' });
    for (const norm of aliases) if (norm !== '' && !full.has(norm)) rows.push({ guid, norm, kind: 'alias' });
  }
  return rows;
}

/** `CCSS.Math.Content.3.NF.A` → `CCSS.Math.Content.3.NF`; undefined when no number would be left. */
function branchOf(code: string): string | undefined {
  const last = codeParts(code).at(-1);
  if (last === undefined) return undefined;
  const branch = code.slice(0, code.lastIndexOf(last)).replace(/[^\p{L}\p{N})]+$/u, '');
  return /\d/.test(branch) ? branch : undefined;
}
