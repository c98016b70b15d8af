import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { Difference } from './version-difference-queries.ts';

/** So many are named; the rest are counted. */
const NAMED = 3;

/** One short line: "File poster.pdf replaced, title changed, license now CC BY 4.0, and 2 more". */
export function differencesInWords(
  found: readonly Difference[],
  { t, fmt }: { t: Translate; fmt: Format },
): string {
  if (found.length === 0) return t('version.changed.nothing');
  const named = found
    .slice(0, NAMED)
    .map(({ what, name }) =>
      what === 'license' && name === null
        ? t('version.changed.noLicense')
        : t(`version.changed.${what}`, { name: name ?? '' }),
    );
  const more = found.length - named.length;
  const line = fmt.list(more > 0 ? [...named, t('version.changed.more', { count: more })] : named);
  return line.charAt(0).toLocaleUpperCase() + line.slice(1);
}
