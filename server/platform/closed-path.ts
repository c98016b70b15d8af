import { userInfo } from 'node:os';

/** What the system says when an account may not, or nobody can, do something with a file. */
const refusals: Record<string, (account: string) => string> = {
  EACCES: (account) => `the account ${account}, which runs this, has no right to it`,
  EPERM: (account) => `the account ${account}, which runs this, has no right to it`,
  EROFS: () => 'its disk can only be read',
};

/**
 * A file or folder that whoever runs the command can't read or write, in a sentence that says what to do.
 * @returns undefined for every other error
 */
export function closedPath(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path } = error as NodeJS.ErrnoException;
  const why = refusals[code];
  if (why === undefined || path === undefined) return undefined;
  const mend =
    code === 'EROFS'
      ? 'Mount it so that it can be written.'
      : 'Give it to that account (chown), or run this as the account that it belongs to.';
  return `${path} can't be used: ${why(accountName())} (${code}). ${mend}`;
}

function accountName(): string {
  try {
    return `"${userInfo().username}"`;
  } catch {
    // A number without a name, as containers have it.
    return `number ${process.getuid?.() ?? '?'}`;
  }
}
