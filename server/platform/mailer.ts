import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { MailSender } from './mail-sender.ts';
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
 * file, which any mail program opens and anybody can read as it is.
 * @param stateName what the state is called now
 */
export function createMailer(
  config: {
    smtpUrl: string | undefined;
    mailFrom?: MailSender | undefined;
    dataDir: string;
    baseUrl: string;
    stateName: string;
  },
  log: Logger,
  stateName: () => Promise<string> = () => Promise.resolve(config.stateName),
): Mailer {
  const from = async (): Promise<Sender> => ({
    name: config.mailFrom?.name ?? `${await stateName()} Commonshelf`,
    address: config.mailFrom?.address ?? `no-reply@${new URL(config.baseUrl).hostname}`,
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
      const { message: source } = await transport.sendMail({ ...mailOf(message), from: await from() });
      const id = `${new Date().toISOString().replaceAll(':', '-')}-${randomBytes(4).toString('hex')}`;
      const receiver = message.to.replaceAll(/[^\w.@+-]/g, '_').slice(0, 150);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, `${id}-${receiver}.eml`), asItReads(source as Buffer, message.text), {
        mode: 0o600,
      });
      // The folder is its owner's alone and its names may say to whom; a log goes further than that.
      log.info(
        { file: `${id}-….eml` },
        'No mail server is set: the message was written to the outbox, in a file whose name ends with the address it is for',
      );
    },
  };
}

/**
 * A mail whose text stands in it as it was written, in UTF-8 and without wrapped lines: whoever opens the file, or
 * copies a link from it, is no mail program that would undo an encoding for the way.
 */
function asItReads(source: Buffer, text: string): string {
  const [head = ''] = source.toString('utf8').split(/\r?\n\r?\n/, 1);
  const lines = head
    .replaceAll('\r\n', '\n')
    .replace(/^Content-Transfer-Encoding: .*$/m, 'Content-Transfer-Encoding: 8bit');
  return `${lines}\n\n${text.replaceAll('\r\n', '\n').trimEnd()}\n`;
}
