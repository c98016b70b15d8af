import type { PoolClient } from 'pg';

/** As much as may wait to be sent before reading pauses. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/** The parts of the driver's connection that COPY needs; it has them, but its types don't say so. */
interface Connection {
  stream: {
    writableLength: number;
    pause: () => void;
    resume: () => void;
    once: (event: 'drain', listener: () => void) => void;
  };
  query: (text: string) => void;
  sendCopyFromChunk: (chunk: Buffer) => void;
  endCopyFrom: () => void;
}

/** A statement in the driver's own form: it calls these when the server answers. */
abstract class Copy {
  readonly done: Promise<void>;
  protected resolve!: () => void;
  protected reject!: (error: Error) => void;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; the other side may fail first.
    this.done.catch(() => {});
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }
  handleError(error: Error): void {
    this.reject(error);
  }
  handleReadyForQuery(): void {
    this.resolve();
  }
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
}

class CopyIn extends Copy {
  readonly ready: Promise<Connection>;
  #begin!: (connection: Connection) => void;
  #refuse!: (error: Error) => void;

  constructor(text: string) {
    super(text);
    this.ready = new Promise((resolve, reject) => {
      this.#begin = resolve;
      this.#refuse = reject;
    });
    this.ready.catch(() => {});
  }
  handleCopyInResponse(connection: Connection): void {
    this.#begin(connection);
  }
  override handleError(error: Error): void {
    this.#refuse(error);
    super.handleError(error);
  }
}

class CopyOut extends Copy {
  readonly #to: Connection;

  constructor(text: string, to: Connection) {
    super(text);
    this.#to = to;
  }
  handleCopyData({ chunk }: { chunk: Buffer }, from: Connection): void {
    this.#to.sendCopyFromChunk(chunk);
    if (this.#to.stream.writableLength < MOST_WAITING_BYTES) return;
    from.stream.pause();
    this.#to.stream.once('drain', () => from.stream.resume());
  }
}

/**
 * Streams the rows of a table from one database into the same table of another, by COPY: exact, and with the same memory
 * for a hundred rows and for millions.
 * @param table with its schema, quoted; `columns` quoted
 * @throws the error of either database
 */
export async function copyRows(
  source: PoolClient,
  target: PoolClient,
  { table, columns }: { table: string; columns: readonly string[] },
): Promise<void> {
  const what = `${table} (${columns.join(', ')})`;
  const into = new CopyIn(`COPY ${what} FROM STDIN`);
  submit(target, into);
  const connection = await into.ready;
  const out = new CopyOut(`COPY ${what} TO STDOUT`, connection);
  submit(source, out);
  try {
    await Promise.race([out.done, into.done]);
  } finally {
    connection.endCopyFrom();
  }
  await into.done;
}

const submit = (client: PoolClient, copy: Copy): void => {
  (client as unknown as { query: (copy: Copy) => void }).query(copy);
};
