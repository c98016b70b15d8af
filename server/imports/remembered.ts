/**
 * A pure function that remembers its answers for the texts that come again and again in a file, at most `most` of them;
 * a long text is not worth it.
 */
export function remembered<T>(of: (text: string) => T, most = 4000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (text.length > 200) return of(text);
    const found = known.get(text);
    if (found !== undefined) return found;
    const fresh = of(text);
    if (known.size >= most) known.clear();
    known.set(text, fresh);
    return fresh;
  };
}
