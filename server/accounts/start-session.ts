import type { Request } from 'express';

/**
 * Signs someone in on this browser: a fresh session, stored before any answer leaves.
 * @throws what the store of sessions says
 */
export async function startSession(req: Request, user: Express.User, now: Date): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    req.login(user, (error) => (error ? reject(error as Error) : resolve())),
  );
  req.session.signedInAt = now.getTime();
  await new Promise<void>((resolve, reject) =>
    req.session.save((error) => (error ? reject(error as Error) : resolve())),
  );
}
