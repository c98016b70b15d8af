/**
 * HTML that was cleaned against an allow-list and may be printed as it is. Only the function that cleans makes one,
 * by `markSafe`; templates print it with `<%- safeHtml(value) %>`, which accepts nothing else.
 */
export interface SafeHtml {
  readonly html: string;
}

const known = new WeakSet<SafeHtml>();

/** Marks already cleaned HTML as safe to print. Call it where the cleaning is done and nowhere else. */
export function markSafe(html: string): SafeHtml {
  const safe = { html };
  known.add(safe);
  return safe;
}

/** The HTML inside. Throws a TypeError for anything that `markSafe` did not make. */
export function safeHtml(value: SafeHtml): string {
  if (!known.has(value)) throw new TypeError('safeHtml() was given something that was not cleaned');
  return value.html;
}
