import type { Translate } from '../locale/locale.ts';
import type { PackageWarning } from './framework-package.ts';
import type { ImportReport } from './standard-service.ts';
import type { FrameworkUpload } from './framework-upload.ts';
import type { FrameworkReport, FrameworkUploadPage } from './standard-view.ts';
import { uploadButtons } from './upload-states.ts';

/** So many of each list stand on the page; the CSV has all. */
const SHOWN = 100;
const LISTS = ['retired', 'removed', 'updated', 'created'] as const;

/** Warnings in words, each with its first place and how many are like it. */
export const warningLines = (t: Translate, warnings: readonly PackageWarning[]): string[] =>
  warnings.map(({ kind, params, place, count }) => {
    const line = t('standards.warning.line', { place, words: t(kind, params) });
    return count > 1 ? t('standards.warning.more', { line, count: count - 1 }) : line;
  });

/** What an import did, as the admin page shows it. */
const frameworkReport = (t: Translate, fileName: string, report: ImportReport): FrameworkReport => ({
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

/** A file of standards that is looked at or was taken in, as its page shows it. */
export function uploadPage(t: Translate, upload: FrameworkUpload, url: string): FrameworkUploadPage {
  const { report } = upload;
  const lists = report?.lists;
  return {
    state: upload.state,
    title: upload.title,
    fileName: upload.fileName,
    by: upload.by,
    at: new Date(upload.madeAt),
    url,
    fault: upload.fault ? t(upload.fault.key, upload.fault.params) : null,
    report: report && frameworkReport(t, upload.fileName, report),
    resources: lists?.resources ?? null,
    lists:
      report && lists
        ? LISTS.map((name) => ({
            name,
            total: report[name],
            items: lists[name].slice(0, SHOWN),
          })).filter(({ total }) => total > 0)
        : [],
    csvUrl: lists ? `${url}/standards.csv` : null,
    buttons: uploadButtons(upload.state),
  };
}

/** Everything that an upload concerns, as lines of a table with headings. */
export const uploadCells = (t: Translate, { report }: FrameworkUpload): string[][] => [
  [t('upload.csv.what'), t('upload.csv.code'), t('upload.csv.words')],
  ...LISTS.flatMap((name) =>
    (report?.lists?.[name] ?? []).map(({ code, words }) => [t(`upload.csv.${name}`), code, words]),
  ),
];
