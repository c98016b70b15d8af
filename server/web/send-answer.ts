import type { Response } from 'express';

/** What a POST of the API is answered: JSON with a status, and where to go on. */
export type ApiAnswer = { status: number; location: string | null; body: unknown };

/** Sends an answer; says whether it was given before to the same request. */
export function sendAnswer(res: Response, answer: ApiAnswer & { repeated: boolean }): void {
  if (answer.location !== null) res.setHeader('Location', answer.location);
  if (answer.repeated) res.setHeader('Idempotency-Replayed', 'true');
  res.status(answer.status).json(answer.body);
}
