import type { Translate } from '../locale/locale.ts';
import type { PackageWarning } from './framework-package.ts';
import type { ImportReport } from './standard-service.ts';
import type { FrameworkReport } from './standard-view.ts';

/** Warnings in words, each with its first place and how many are like it. */
export const warningLines = (t: Translate, warnings: readonly PackageWarning[]): string[] =>
  warnings.map(({ kind, params, place, count }) => {
    const line = t('standards.warning.line', { place, words: t(kind, params) });
    return count > 1 ? t('standards.warning.more', { line, count: count - 1 }) : line;
  });

/** What an import did, as the admin page shows it. */
export const frameworkReport = (t: Translate, fileName: string, report: ImportReport): FrameworkReport => ({
  fileName,
  title: report.title,
  url: `/standards/${report.slug}`,
  added: report.created,
  changed: report.updated,
  unchanged: report.unchanged,
  retired: report.retired,
  removed: report.removed,
  warnings: warningLines(t, report.warnings),
});
