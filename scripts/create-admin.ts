import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { email } from '../server/accounts/person-fields.ts';
import { makeAdministrator } from '../server/accounts/person-service.ts';
import { PortalError } from '../server/errors.ts';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run create-admin -- --email … --name …`: makes an administrator of the state, beside a running portal or alone.
// The password is asked for at a terminal, or is the first line of standard input.
// Ends with 0 when the account is there, 2 when something that was given can't be used, 1 when something else failed.
const t = translator('en');
const cannotBeUsed = 2;

/** Something that whoever called it can mend, in words. */
class Unusable extends Error {}

const command = new Command('create-admin')
  .description(t('createAdmin.description'))
  .requiredOption('--email <address>', t('createAdmin.email'))
  .requiredOption('--name <name>', t('createAdmin.name'))
  .option('--again', t('createAdmin.again'))
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : cannotBeUsed);
  });

async function run(): Promise<void> {
  const options = command.parse().opts<{ email: string; name: string; again?: boolean }>();
  const address = email.safeParse(options.email);
  if (!address.success) throw new Unusable(t('admin.people.badEmail'));
  const name = options.name.trim().slice(0, 200);
  if (name === '') throw new Unusable(t('createAdmin.noName'));
  const password = process.stdin.isTTY ? await askTwice() : await firstLine();
  const { deps, close } = await openDeps({ step: console.log });
  try {
    const outcome = await makeAdministrator(deps, {
      email: address.data,
      name,
      password,
      again: options.again ?? false,
    });
    console.log(t(outcome === 'made' ? 'createAdmin.made' : 'createAdmin.existed', { email: address.data }));
    console.log(t('createAdmin.signIn', { url: `${deps.config.baseUrl}/sign-in` }));
  } catch (error) {
    throw error instanceof PortalError && error.status === 422 ? new Unusable(wordsOf(error)) : error;
  } finally {
    await close();
  }
}

function wordsOf({ faults }: PortalError): string {
  return faults
    .map(({ field, key, params }) =>
      field === 'email' ? `${t(key, params)} ${t('createAdmin.useAgain')}` : t(key, params),
    )
    .join('\n');
}

async function firstLine(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
  if (line === '') throw new Unusable(t('createAdmin.noPassword'));
  return line;
}

async function askTwice(): Promise<string> {
  const password = await askUnseen(t('createAdmin.ask'));
  if ((await askUnseen(t('createAdmin.askAgain'))) !== password) throw new Unusable(t('password.different'));
  return password;
}

/** Reads a line from the terminal without showing it. */
function askUnseen(question: string): Promise<string> {
  process.stdout.write(`${question} `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve, reject) => {
    reader.question('', resolve);
    reader.once('SIGINT', () => reject(new Unusable(t('createAdmin.stopped'))));
  }).finally(() => {
    reader.close();
    process.stdout.write('\n');
  }) as Promise<string>;
}

await runOrExplain(async () => {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = cannotBeUsed;
  }
});
