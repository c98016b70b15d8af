import { PortalError, type FieldFault } from '../errors.ts';

/**
 * Runs a form's work; what it says about the fields goes on the same page.
 * @param statuses for which faults the page is shown again: those of fields, unless told
 * @throws whatever has another status
 */
export async function orAgain(
  work: () => Promise<void>,
  again: (faults: FieldFault[], error: PortalError) => void | Promise<void>,
  statuses: readonly number[] = [422],
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PortalError) || !statuses.includes(error.status)) throw error;
    await again(error.faults, error);
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
