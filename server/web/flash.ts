import type { Request } from 'express';
import type { FlashMessage } from './page-parts.ts';

/** Has the next page of this person say something once. */
export function flash(req: Request, message: FlashMessage): void {
  req.session.flash = [...(req.session.flash ?? []), message];
}

/** Takes the messages out of the session. */
export function takeFlash(req: Request): FlashMessage[] {
  const messages = req.session?.flash ?? [];
  if (messages.length > 0) delete req.session.flash;
  return messages;
}
