import { z } from 'zod';
import { readMailSender, type MailSender } from './platform/mail-sender.ts';
import { chooseDataDir } from './platform/data-dir.ts';
import { keptSecret } from './platform/kept-secret.ts';

/** Every setting of the portal, checked and in the shape the code wants it. Made by `readConfig` only. */
export type Config = {
  nodeEnv: 'development' | 'test' | 'production';
  /** `nodeEnv === 'production'` */
  production: boolean;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Port to listen on; 0 lets the system choose a free one. */
  port: number;
  host: string;
  /** Where this process serves `/metrics`; undefined: nowhere. 0 lets the system choose a port. */
  metrics: { host: string; port: number } | undefined;
  /** How long the portal says that it is stopping, in milliseconds, before it takes no more requests. */
  stopNoticeMs: number;
  /** Public address without a slash at the end, e.g. `https://shelf.example.gov`. */
  baseUrl: string;
  /** `baseUrl` is https: cookies are `Secure` and carry the `__Host-` prefix. */
  secure: boolean;
  /** For Express' `trust proxy`: a number of hops, a list of addresses or CIDR ranges, or false. Never `true`. */
  trustProxy: false | number | string[];
  stateName: string;
  /** Absolute path of the folder that holds everything the portal keeps on disk. */
  dataDir: string;
  /** The data are not in the checkout, since PostgreSQL's account can't reach it: worth a line at the start. */
  dataDirMoved: boolean;
  /** Statements that take longer, in milliseconds, are kept for the operator. */
  slowQueryMs: number;
  /** Undefined: the portal starts a PostgreSQL of its own under `dataDir`. */
  databaseUrl: string | undefined;
  /** Undefined: search runs on PostgreSQL. */
  meiliUrl: string | undefined;
  meiliKey: string | undefined;
  maxUploadBytes: number;
  /** How full the disk of the files may be, in percent, before uploads stop. */
  uploadStopPercent: number;
  /** Hosts from which imports may fetch files: `files.example.org`, or `*.example.org` for all below it. None: off. */
  fetchHosts: string[];
  /** Whether the links of resources are asked if they still answer. */
  linkChecks: boolean;
  /** Where clamd listens; undefined: files are not scanned. */
  clamd: ClamdAddress | undefined;
  /** Undefined: messages are written to `dataDir`/outbox. */
  smtpUrl: string | undefined;
  /** Who mails are from; undefined: the portal's name, at `no-reply@` the host of `baseUrl`. */
  mailFrom: MailSender | undefined;
  sessionSecret: string;
  /** Seed the demo state into an empty embedded database and offer its sign-ins. */
  demo: boolean;
  /** What can be used but costs something that an operator wants to know of: a sentence each, for the log of the start. */
  warnings: string[];
};

export type ClamdAddress = { host: string; port: number } | { path: string };

/** Settings that can't be used. `faults` holds one plain sentence for each, all of them at once. */
export class ConfigError extends Error {
  readonly faults: string[];

  constructor(faults: string[]) {
    super(`Some settings can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads every setting from the environment. Outside production a missing SESSION_SECRET is made once and
 * kept in the data folder, so that people stay signed in over a restart.
 * @throws ConfigError naming all faults at once
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
  const parsed = settings.safeParse(given);
  const faults = [...(parsed.success ? [] : parsed.error.issues.map(sentence)), ...faultsBetween(given)];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  const values = parsed.data;
  const baseUrl = values.BASE_URL ?? `http://localhost:${values.PORT}`;
  const dataDir = chooseDataDir({ given: values.DATA_DIR, ownDatabase: values.DATABASE_URL === undefined });
  if (!dataDir.ok) throw new ConfigError([dataDir.fault]);
  return {
    nodeEnv: values.NODE_ENV,
    production: values.NODE_ENV === 'production',
    logLevel: values.LOG_LEVEL ?? (values.NODE_ENV === 'production' ? 'info' : 'warn'),
    port: values.PORT,
    host: values.HOST,
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    stopNoticeMs: values.STOP_NOTICE_SECONDS * 1000,
    baseUrl,
    secure: baseUrl.startsWith('https:'),
    trustProxy: values.TRUST_PROXY,
    stateName: values.STATE_NAME,
    dataDir: dataDir.path,
    dataDirMoved: dataDir.moved,
    databaseUrl: values.DATABASE_URL,
    slowQueryMs: values.SLOW_QUERY_MS,
    meiliUrl: values.MEILI_URL,
    meiliKey: values.MEILI_KEY,
    maxUploadBytes: values.MAX_UPLOAD_MB * 1024 * 1024,
    uploadStopPercent: values.UPLOAD_STOP_PERCENT,
    fetchHosts: values.IMPORT_FETCH_HOSTS,
    linkChecks: values.LINK_CHECKS,
    clamd: values.CLAMD_URL,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    sessionSecret: values.SESSION_SECRET ?? keptSecret(dataDir.path, 'session-secret'),
    demo: values.DEMO ?? (values.NODE_ENV !== 'production' && values.DATABASE_URL === undefined),
    warnings: values.NODE_ENV === 'production' ? addressWarnings(values.BASE_URL) : [],
  };
}

/** What the address of a production portal costs. Without https, passwords and sessions can be read on their way. */
function addressWarnings(baseUrl: string | undefined): string[] {
  if (baseUrl === undefined)
    return [
      'BASE_URL is not set: links in mails lead to this machine alone (localhost). Set it to the address that people use, like https://shelf.example.gov.',
    ];
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return [];
  return [
    `BASE_URL is ${baseUrl}, without https: passwords and sessions travel where others on the network can read them, and cookies are not marked Secure. Put a reverse proxy with a certificate in front and set BASE_URL to its https address.`,
  ];
}

const wholeNumber = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${low} to ${high}`)
    .transform(Number)
    .refine((value) => value >= low && value <= high, `must be a whole number from ${low} to ${high}`);

const address = (protocols: string[], example: string) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be an address like ${example}`,
    );

const origin = (example: string) =>
  address(['http:', 'https:'], example)
    .refine((text) => {
      if (!URL.canParse(text)) return true;
      const url = new URL(text);
      return url.pathname === '/' && !url.search && !url.hash && !url.username;
    }, `must be only a scheme and a host, like ${example}, without a path`)
    .transform((text) => (URL.canParse(text) ? new URL(text).origin : text));

/** Names of zones, and the other forms that the system takes (`:/etc/localtime`, `MST7MDT`): Node takes UTC for the rest. */
function isZone(text: string): boolean {
  if (/^[:/]|\d/.test(text)) return true;
  try {
    Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

const yesOrNo = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], 'must be true or false'))
  .transform((text) => ['true', '1', 'yes', 'on'].includes(text));

const proxyList = /^(loopback|linklocal|uniquelocal|[0-9a-fA-F:.]+(\/\d{1,3})?)$/;

const trustProxy = z.string().transform((text, context): false | number | string[] => {
  if (/^\d{1,2}$/.test(text)) return Number(text) === 0 ? false : Number(text);
  if (text.toLowerCase() === 'false') return false;
  const list = text.split(',').map((part) => part.trim());
  if (list.every((part) => proxyList.test(part))) return list;
  context.addIssue(
    'must be the number of proxies in front of the portal (1, 2 …) or a list of their addresses, like 10.0.0.0/8. "true" would let anyone pretend to be any address',
  );
  return false;
});

const clamd = z.string().transform((text, context): ClamdAddress => {
  if (text.startsWith('unix:/')) return { path: text.slice('unix:'.length).replace(/^\/+/, '/') };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'tcp:' && url.hostname)
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 3310) };
  context.addIssue('must be an address like tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl');
  return { path: '' };
});

const mailSender = z.string().transform((text, context): MailSender => {
  const sender = readMailSender(text);
  if (sender) return sender;
  context.addIssue(
    'must be one mail address, like no-reply@example.gov or Example Shelf <no-reply@example.gov>',
  );
  return z.NEVER;
});

const hostList = z.string().transform((text, context): string[] => {
  const list = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((host) => host !== '');
  // Names of hosts only: a number, a path or a whole top-level domain would allow what nobody meant.
  const bad = list.find((host) => !/^(?:\*\.)?(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+$/.test(host));
  if (bad !== undefined)
    context.addIssue(
      `must be a list of host names, like files.example.org or *.example.org; "${bad}" is none`,
    );
  return list;
});

const settings = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .optional(),
  PORT: wholeNumber(0, 65535).default(3000),
  HOST: z.string().regex(/^\S+$/, 'must be one host name or address').default('127.0.0.1'),
  METRICS_PORT: wholeNumber(0, 65535).optional(),
  METRICS_HOST: z.string().regex(/^\S+$/, 'must be one host name or address').default('127.0.0.1'),
  STOP_NOTICE_SECONDS: wholeNumber(0, 60).default(0),
  BASE_URL: origin('https://shelf.example.gov').optional(),
  TRUST_PROXY: trustProxy.default(false),
  // Read by Node itself; looked at here so that a misspelt one isn't taken for UTC.
  TZ: z.string().refine(isZone, 'must be the name of a time zone, like America/Denver').optional(),
  STATE_NAME: z.string().max(80, 'must be at most 80 characters').default('Demo State'),
  DATA_DIR: z.string().optional(),
  DATABASE_URL: address(
    ['postgres:', 'postgresql:'],
    'postgresql://user:password@host:5432/commonshelf',
  ).optional(),
  SLOW_QUERY_MS: wholeNumber(1, 600_000).default(500),
  MEILI_URL: address(['http:', 'https:'], 'http://127.0.0.1:7700').optional(),
  MEILI_KEY: z.string().optional(),
  MAX_UPLOAD_MB: wholeNumber(1, 102400).default(1024),
  UPLOAD_STOP_PERCENT: wholeNumber(1, 99).default(90),
  IMPORT_FETCH_HOSTS: hostList.default([]),
  LINK_CHECKS: yesOrNo.default(false),
  CLAMD_URL: clamd.optional(),
  SMTP_URL: address(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.gov:587').optional(),
  MAIL_FROM: mailSender.optional(),
  SESSION_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  DEMO: yesOrNo.optional(),
});

/** Faults that only show between settings. Reads the raw text, so that they are told beside all others. */
function faultsBetween(given: Record<string, string | undefined>): string[] {
  const faults: string[] = [];
  const demo = yesOrNo.safeParse(given['DEMO'] ?? 'false');
  const wantsDemo = demo.success && demo.data;
  if (given['NODE_ENV'] === 'production') {
    if (!given['SESSION_SECRET'])
      faults.push(
        'SESSION_SECRET must be set in production: at least 32 random characters, kept secret and the same on every machine.',
      );
    if (wantsDemo)
      faults.push(
        "DEMO can't be used in production: its sign-ins are public. Make the first administrator with: npm run create-admin",
      );
  }
  if (wantsDemo && given['DATABASE_URL'])
    faults.push(
      'DEMO only works with the database that the portal starts itself; unset DATABASE_URL or DEMO.',
    );
  if (given['MEILI_KEY'] && !given['MEILI_URL']) faults.push('MEILI_KEY is set, but MEILI_URL is not.');
  return faults;
}

function sentence(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')} ${issue.message}.`;
}
