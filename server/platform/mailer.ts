import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Logger } from './logger.ts';

/** A message in plain words. */
export type Message = {
  to: string;
  subject: string;
  text: string;
  /** Where one click ends such mails (RFC 8058): takes a POST from a mail program that is signed in nowhere. */
  unsubscribeUrl?: string;
};

export type Mailer = {
  /** Sends one message. Throws when the mail server refuses it or can't be reached. */
  send: (message: Message) => Promise<void>;
};

/**
 * Sends by the mail server of `smtpUrl`. Without one each message is written to `dataDir`/outbox as an .eml
 * file, which any mail program opens.
 * @param stateName what the state is called now
 */
export function createMailer(
  config: { smtpUrl: string | undefined; dataDir: string; baseUrl: string; stateName: string },
  log: Logger,
  stateName: () => Promise<string> = () => Promise.resolve(config.stateName),
): Mailer {
  const from = async (): Promise<Sender> => ({
    name: `${await stateName()} Commonshelf`,
    address: `no-reply@${new URL(config.baseUrl).hostname}`,
  });
  return config.smtpUrl === undefined
    ? outboxMailer(join(config.dataDir, 'outbox'), from, log)
    : smtpMailer(config.smtpUrl, from);
}

type Sender = { name: string; address: string };

const mailOf = ({ unsubscribeUrl, ...message }: Message) => ({
  ...message,
  headers: unsubscribeUrl
    ? { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
    : {},
});

function smtpMailer(url: string, from: () => Promise<Sender>): Mailer {
  const transport = createTransport(url);
  return {
    send: async (message) => {
      await transport.sendMail({ ...mailOf(message), from: await from() });
    },
  };
}

function outboxMailer(folder: string, from: () => Promise<Sender>, log: Logger): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true });
  return {
    send: async (message) => {
      const { message: source, messageId } = await transport.sendMail({
        ...mailOf(message),
        from: await from(),
      });
      const name = `${new Date().toISOString().replaceAll(':', '-')}-${messageId.replace(/[^\w-]/g, '').slice(0, 12)}.eml`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, name), source as Buffer, { mode: 0o600 });
      log.info({ file: name }, 'No mail server is set: the message was written to the outbox');
    },
  };
}
