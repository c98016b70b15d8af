/** What the arithmetic needs to know of a license; the rows of the license table have it. */
export type LicenseTerms = {
  code: string;
  adaptable: boolean;
  shareAlike: boolean;
  nonCommercial: boolean;
  /** Credit must be given. */
  credit: boolean;
};

/**
 * Which licenses a copy that was changed may carry. No derivatives, all rights reserved or unknown: none.
 * Share alike: the same one. Noncommercial stays noncommercial. Where credit is owed, the copy can't waive it.
 */
export function licensesForAdaptation(source: LicenseTerms, offered: readonly LicenseTerms[]): string[] {
  if (!source.adaptable) return [];
  if (source.shareAlike) return [source.code];
  return offered
    .filter(
      (license) =>
        license.code !== 'unknown' &&
        (!source.nonCommercial || license.nonCommercial) &&
        (!source.credit || license.credit),
    )
    .map((license) => license.code);
}
