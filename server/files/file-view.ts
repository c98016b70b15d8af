import { isMessageKey, type Translate } from '../locale/locale.ts';
import type { SniffResult } from './sniff-file.ts';

/** Returns the sentence that tells a teacher why a file wasn't taken and what to do. */
export function refusalWords({ message }: Extract<SniffResult, { ok: false }>, t: Translate): string {
  const params = Object.fromEntries(
    Object.entries(message.params).map(([name, value]) => [
      name,
      name === 'really' || name === 'kind' ? kindWords(value, t) : value,
    ]),
  );
  if (!isMessageKey(message.key)) throw new RangeError(`No words for ${message.key}`);
  return t(message.key, params);
}

/** Returns what a kind of file is called, such as "Word document". */
function kindWords(kind: string, t: Translate): string {
  const key = `file.kind.${kind}`;
  return isMessageKey(key) ? t(key) : kind;
}
