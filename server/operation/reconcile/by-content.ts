/** How many rows are asked for, and how many names on the disk are looked up, at once. */
export const AT_ONCE = 500;

/**
 * Rows of contents in the order of their hashes, however many there are, some in memory at a time.
 * @param read the next `AT_ONCE` rows after this hash, in that order
 */
export async function* byContent<Row extends { sha256: string }>(
  read: (after: string) => Promise<{ rows: Row[] }>,
): AsyncGenerator<Row> {
  for (let after = ''; ;) {
    const { rows } = await read(after);
    const last = rows.at(-1);
    if (!last) return;
    yield* rows;
    after = last.sha256;
  }
}
