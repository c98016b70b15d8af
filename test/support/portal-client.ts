import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import { hashPassword } from '../../server/accounts/password.ts';

const password = 'a password for tests';

export interface Upload {
  name: string;
  bytes: Buffer;
}

/**
 * A teacher's browser in front of a portal that runs as a process of its own: it fills the same forms, without scripts.
 * Its cookie outlives the process, as a browser's does. Every call throws when no answer came.
 */
export class PortalClient {
  /** Changes when the portal was started again on another port. */
  url: string;
  readonly cookie: string;

  private constructor(url: string, cookie: string) {
    this.url = url;
    this.cookie = cookie;
  }

  /** Signs in as somebody of the database, who is given a password first. */
  static async signIn(url: string, pool: Pool, email: string): Promise<PortalClient> {
    await pool.query('UPDATE person SET password_hash = $2 WHERE email = $1', [
      email,
      await hashPassword(password),
    ]);
    const visitor = new PortalClient(url, '');
    const answer = await visitor.send('/sign-in', new URLSearchParams({ email, password }));
    if (answer.status !== 303) throw new Error(`Signing in was answered ${answer.status}`);
    const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    return new PortalClient(url, cookies.join('; '));
  }

  /** Nobody's browser. */
  static visitor(url: string): PortalClient {
    return new PortalClient(url, '');
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: { cookie: this.cookie }, redirect: 'manual' });
  }

  send(
    path: string,
    body: URLSearchParams | FormData,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: { cookie: this.cookie, origin: this.url, ...headers },
    });
  }

  /** Begins a resource, with files. @returns its id */
  async begin(files: Upload[] = []): Promise<string> {
    const answer = await this.send('/resources/new', withFiles(files));
    const id = /\/resources\/([0-9a-f-]{36})\/edit/.exec(answer.headers.get('location') ?? '')?.[1];
    if (answer.status !== 303 || id === undefined) throw new Error(`Sharing was answered ${answer.status}`);
    return id;
  }

  /** Puts a file into a draft. @returns the answer: 201 when it is in, else a reason in words */
  async upload(id: string, file: Upload): Promise<Response> {
    return this.send(`/resources/${id}/draft/files`, withFiles([file]));
  }

  /** Opens the form of a draft, or of the next version. @returns its revision */
  async openForm(id: string): Promise<number> {
    const answer = await this.get(`/resources/${id}/edit`);
    const revision = /name="revision" value="(\d+)"/.exec(await answer.text())?.[1];
    if (answer.status !== 200 || revision === undefined)
      throw new Error(`The form was answered ${answer.status}`);
    return Number(revision);
  }

  /** Saves what publishing asks for. @returns the draft's new revision */
  async save(id: string, revision: number, fields: Record<string, string>): Promise<number> {
    const form = new URLSearchParams({
      revision: String(revision),
      type: 'lesson',
      subject: 'science',
      grade: '4',
      license: 'CC-BY-4.0',
      visibility: 'public',
      ...fields,
    });
    const answer = await this.send(`/resources/${id}/edit`, form, { accept: 'application/json' });
    if (answer.status !== 200) throw new Error(`Saving was answered ${answer.status}`);
    return ((await answer.json()) as { revision: number }).revision;
  }

  /** @returns the status: 303 when it is on the shelf */
  async publish(id: string, revision: number, note = ''): Promise<number> {
    const answer = await this.send(
      `/resources/${id}/publish`,
      new URLSearchParams({ revision: String(revision), note }),
    );
    return answer.status;
  }
}

function withFiles(files: Upload[]): FormData {
  const form = new FormData();
  for (const { name, bytes } of files) form.append('files', new Blob([new Uint8Array(bytes)]), name);
  return form;
}

export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes);
