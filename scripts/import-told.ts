import { PortalError } from '../server/errors.ts';
import { MappingError } from '../server/imports/mapping.ts';
import { UnreadableFile } from '../server/imports/row-reader.ts';
import { t, told, Unusable } from './import-options.ts';

/** What whoever called it can mend is told in words, with exit code 1. */
export async function orTold(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const words =
      error instanceof Unusable
        ? error.message
        : error instanceof PortalError || error instanceof MappingError || error instanceof UnreadableFile
          ? t(error.key, error.params)
          : undefined;
    if (words === undefined) throw error;
    told(words);
    return 1;
  }
}
