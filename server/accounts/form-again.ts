import { PortalError, type FieldFault } from '../errors.ts';

/** Runs a form's work; what it says about the fields goes on the same page. @throws whatever isn't about fields */
export async function orAgain(
  work: () => Promise<void>,
  again: (faults: FieldFault[]) => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PortalError) || error.status !== 422) throw error;
    await again(error.faults);
  }
}

/** What was typed into a field, for the form that is shown again: cut at `most` characters. */
export const typedIn = (req: { body?: unknown }): ((field: string, most?: number) => string) => {
  const body = (req.body ?? {}) as Record<string, unknown>;
  return (field, most = 300) => {
    const value = body[field];
    return typeof value === 'string' ? value.slice(0, most) : '';
  };
};
