import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Answer {
  status: number;
  location: string | null;
  body: string;
  /** From the first byte sent to the last byte received. */
  ms: number;
  /** What the search engine needed of it, as the page itself says. */
  engineMs: number | null;
}

/** A file that is sent with a form. */
export interface SentFile {
  name: string;
  type: string;
  bytes: number;
  content: Iterable<Buffer>;
}

/** A text as such a file. */
export function textFile(name: string, type: string, text: string): SentFile {
  const content = Buffer.from(text);
  return { name, type, bytes: content.length, content: [content] };
}

/** A minimal browser: one kept-open connection, cookies, forms. It takes answers packed but doesn't unpack them. */
export class Browser {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  /** GET; the body only where `read` asks for it, so that timing isn't about decoding. */
  get(path: string, { read = true } = {}): Promise<Answer> {
    return this.#send('GET', path, { headers: read ? {} : { 'Accept-Encoding': 'gzip' } });
  }

  /** POST of a form, as our own page would send it. */
  post(path: string, fields: [string, string][]): Promise<Answer> {
    const body = new URLSearchParams(fields).toString();
    return this.#send('POST', path, {
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': String(Buffer.byteLength(body)),
      },
      body: Readable.from([body]),
    });
  }

  /** POST of a form with a file, which may be made while it is sent. */
  sendFile(path: string, fields: [string, string][], file: SentFile): Promise<Answer> {
    const boundary = `bench-${randomBytes(12).toString('hex')}`;
    const part = (name: string, more = '') =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
    const head = Buffer.from(
      `${fields.map(([name, value]) => `${part(name)}${value}\r\n`).join('')}` +
        part('files', `; filename="${file.name}"\r\nContent-Type: ${file.type}`),
    );
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    const headers = {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': String(head.length + file.bytes + tail.length),
    };
    const body = function* (): Generator<Buffer> {
      yield head;
      yield* file.content;
      yield tail;
    };
    return this.#send('POST', path, { headers, body: Readable.from(body()) });
  }

  /** Signs in with a password. @throws Error when it isn't taken */
  async signIn(email: string, password: string): Promise<void> {
    const { status } = await this.post('/sign-in', [
      ['email', email],
      ['password', password],
    ]);
    if (status !== 303) throw new Error(`Signing in as ${email} gave ${status}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    options: { headers: Record<string, string>; body?: Readable },
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const sent = httpRequest(
        new URL(path, this.#url),
        {
          method,
          agent: this.#agent,
          headers: {
            'Sec-Fetch-Site': 'same-origin',
            ...(this.#cookie === '' ? {} : { Cookie: this.#cookie }),
            ...options.headers,
          },
        },
        (response) => {
          const [cookie] = response.headers['set-cookie'] ?? [];
          if (cookie) this.#cookie = cookie.split(';', 1)[0] ?? '';
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              location: response.headers.location ?? null,
              body: Buffer.concat(chunks).toString(),
              ms: performance.now() - started,
              engineMs: durationOf(response.headers['server-timing']),
            }),
          );
        },
      );
      sent.on('error', reject);
      if (options.body) pipeline(options.body, sent).catch(reject);
      else sent.end();
    });
  }
}

function durationOf(header: string | string[] | undefined): number | null {
  const found = /\bengine;dur=([\d.]+)/.exec(String(header ?? ''))?.[1];
  return found === undefined ? null : Number(found);
}
