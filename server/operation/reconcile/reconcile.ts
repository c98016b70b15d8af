import type { Deps } from '../../deps.ts';
import type { Difference } from './difference.ts';
import { fileDifferences } from './file-differences.ts';
import { indexDifferences } from './index-differences.ts';
import { jobDifferences } from './job-differences.ts';
import { previewDifferences } from './preview-differences.ts';

export const reconcileParts = ['files', 'previews', 'index', 'jobs'] as const;
export type ReconcilePart = (typeof reconcileParts)[number];

const differencesOf: Record<ReconcilePart, (deps: Deps) => AsyncGenerator<Difference>> = {
  files: fileDifferences,
  previews: previewDifferences,
  index: indexDifferences,
  jobs: jobDifferences,
};

/**
 * Holds database, files and search indexes against each other, one difference at a time, so that it takes the same memory
 * for a hundred resources and for a million. Changes nothing; the portal may serve meanwhile.
 * @param parts what to look at; everything unless told
 */
export async function* reconcile(
  deps: Deps,
  parts: readonly ReconcilePart[] = reconcileParts,
): AsyncGenerator<Difference> {
  for (const part of parts) yield* differencesOf[part](deps);
}
