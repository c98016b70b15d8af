import pino from 'pino';

export type Logger = pino.Logger;

/** Never written, wherever they stand in a record: passwords, keys, cookies, and what names a person. */
const secret = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'secret',
  'sessionSecret',
  'authorization',
  'cookie',
  'email',
  'databaseUrl',
  'smtpUrl',
  'meiliKey',
];

/**
 * The portal's log: one JSON object a line, on standard output unless `destination` is given. Errors go under
 * `err`. Secrets and personal data are removed by name, up to two levels deep, so log ids and not records.
 */
export function createLogger(
  { logLevel }: { logLevel: pino.LevelWithSilent },
  destination?: pino.DestinationStream,
): Logger {
  return pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          ...secret.flatMap((name) => [name, `*.${name}`]),
          'req.headers.authorization',
          'req.headers.cookie',
          'res.headers["set-cookie"]',
          // pg errors: the values of the row that was refused.
          'err.detail',
          'err.where',
        ],
        censor: '[removed]',
      },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
