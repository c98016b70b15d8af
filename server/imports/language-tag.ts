/** English and own names of the languages of ISO 639-1, by name. */
const names = new Map<string, string>();

function byName(name: string): string | undefined {
  if (names.size === 0) {
    const english = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of letters)
      for (const second of letters) {
        const code = first + second;
        const label = english.of(code);
        if (label === undefined) continue;
        const own = new Intl.DisplayNames([code], { type: 'language', fallback: 'none' }).of(code);
        for (const known of [own, label])
          if (known) names.set(known.toLowerCase(), Intl.getCanonicalLocales(code)[0] ?? code);
      }
  }
  return names.get(name.toLowerCase());
}

/** A language as BCP 47 writes it, from a tag in any spelling (`EN_us`) or a name (`Spanish`); undefined for neither. */
export function languageTag(text: string): string | undefined {
  const named = byName(text);
  if (named !== undefined) return named;
  const tag = text.replaceAll('_', '-');
  if (tag.length > 35 || !/^[a-z]{2,3}(?:-|$)/i.test(tag)) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
