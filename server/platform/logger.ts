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
      serializers: { err: (error: unknown) => (error instanceof Error ? errorRecord(error) : error) },
      redact: {
        paths: [
          ...secret.flatMap((name) => [name, `*.${name}`]),
          'req.headers.authorization',
          'req.headers.cookie',
          'res.headers["set-cookie"]',
        ],
        censor: '[removed]',
      },
    },
    destination ?? standardOutput(),
  );
}

export const standardOutput = (): pino.DestinationStream => pino.destination({ dest: 1, sync: true });
export const standardError = (): pino.DestinationStream => pino.destination({ dest: 2, sync: true });

/**
 * What the log keeps of an error. Not its other properties: those of a database error hold the values of the
 * refused row, and those of a lost connection the whole connection.
 */
function errorRecord(error: Error): Record<string, unknown> {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    type: error.name,
    message: error.message,
    code,
    constraint,
    stack: error.stack,
    cause: error.cause instanceof Error ? errorRecord(error.cause) : undefined,
  };
}
