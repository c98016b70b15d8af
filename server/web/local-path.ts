/**
 * A path on this site to go to next, or the fallback: never another host (`//host`, `/\host`), so that a link to
 * the sign-in page can't send people elsewhere.
 */
export function localPath(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || next.length > 2000) return fallback;
  return /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : fallback;
}
