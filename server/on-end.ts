import type { Logger } from './platform/logger.ts';

/** Longest time that the whole of an orderly end may take before the process leaves in any case, beside its notice. */
const DEADLINE_MS = 90_000;

export type End = (reason: string, exitCode?: number) => void;

/**
 * Ends this process in order, once, when it is told to (SIGINT, SIGTERM) or when an error was caught by nobody:
 * runs `finish`, then leaves. Further signals are ignored, since npm passes on the Ctrl-C that the terminal has
 * sent already.
 * @param noticeMs for how long `finish` serves on before it stops anything (`STOP_NOTICE_SECONDS`)
 * @returns the same end, for the program's own use
 */
export function onEnd(log: Logger, finish: () => Promise<void>, noticeMs = 0): End {
  let ending = false;
  const end: End = (reason, exitCode = 0) => {
    process.exitCode = Math.max(exitCode, Number(process.exitCode ?? 0));
    if (ending) return;
    ending = true;
    log.info({ reason }, 'Stopping');
    setTimeout(() => {
      log.fatal('Stopping took too long');
      process.exit(1);
    }, DEADLINE_MS + noticeMs).unref();
    finish()
      .catch((err: unknown) => {
        log.fatal({ err }, 'Could not stop in order');
        process.exitCode = 1;
      })
      .finally(() => process.exit());
  };
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'An error that nobody caught');
    end('error', 1);
  });
  // As an error: a promise that nobody waits for may have left something undone.
  process.on('unhandledRejection', (err) => {
    log.fatal({ err }, 'A rejection that nobody caught');
    end('error', 1);
  });
  return end;
}
