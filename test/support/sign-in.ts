import type { Server } from 'node:http';
import type { Express } from 'express';
import supertest from 'supertest';
import { hashPassword } from '../../server/accounts/password.ts';
import type { TestDatabase } from './database.ts';

/** A browser that is signed in as a person of the database, who is given a password first. */
export async function signedIn(app: Express | Server, { pool }: Pick<TestDatabase, 'pool'>, email: string) {
  const password = 'a password for tests';
  await pool.query('UPDATE person SET password_hash = $2 WHERE email = $1', [
    email,
    await hashPassword(password),
  ]);
  const browser = supertest.agent(app);
  await browser
    .post('/sign-in')
    .set('Sec-Fetch-Site', 'same-origin')
    .type('form')
    .send({ email, password })
    .expect(303);
  return browser;
}

export type Browser = Awaited<ReturnType<typeof signedIn>>;

/** Sends a form as a page of the portal does. */
export const post = (
  browser: Pick<Browser, 'post'>,
  path: string,
  form: Record<string, string | string[]> = {},
) => browser.post(path).set('Sec-Fetch-Site', 'same-origin').type('form').send(form);
