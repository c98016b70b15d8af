/** What became of the rows of a run so far. */
export type RunCounts = {
  new: number;
  changed: number;
  unchanged: number;
  rejected: number;
  /** Parts of a package or a folder that are of a kind that isn't taken. */
  skipped: number;
  /** Changed in the file, but left as it is: staff took it off the shelf, or corrected every field that changed. */
  kept: number;
  /** Of the rows that are in: those from which something had to be left out. */
  gaps: number;
  /** New or changed, and perhaps the same as a resource that is on the shelf already. */
  likely: number;
  /** No longer in the file. */
  missing: number;
  withdrawn: number;
  /** Rows that can't be told from others, so that nobody knows whether something is really missing. */
  unreadable: number;
  /** Of an undo. */
  takenBack: number;
  leftAsIs: number;
};

export const noCounts = (): RunCounts => ({
  new: 0,
  changed: 0,
  unchanged: 0,
  rejected: 0,
  skipped: 0,
  kept: 0,
  gaps: 0,
  likely: 0,
  missing: 0,
  withdrawn: 0,
  unreadable: 0,
  takenBack: 0,
  leftAsIs: 0,
});

export const addCounts = (a: RunCounts, b: RunCounts): RunCounts =>
  Object.fromEntries(
    Object.keys(a).map((name) => [name, a[name as keyof RunCounts] + b[name as keyof RunCounts]]),
  ) as RunCounts;
