import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { SafeHtml } from '../lib/safe-html.ts';
import { safeHtml } from '../lib/safe-html.ts';
import type { CollectionEntry, CollectionPage } from './collection-view.ts';

/** What was packed of one resource: paths in the zip, and names of files that weren't there to be packed. */
export interface Packed {
  files: { path: string; name: string }[];
  missing: string[];
}

/**
 * The contents page of a zip as one HTML file that needs nothing else: what is in it, in the order of the collection, with
 * links to the files beside it, and with each resource its address, license and the line to credit it by.
 */
export function zipContents(
  page: CollectionPage,
  packed: ReadonlyMap<string, Packed>,
  credits: ReadonlyMap<string, string>,
  { t, fmt, baseUrl, now }: { t: Translate; fmt: Format; baseUrl: string; now: Date },
): string {
  let number = 0;
  const entry = (item: CollectionEntry): string => {
    number += 1;
    const { files, missing } = packed.get(item.id) ?? { files: [], missing: [] };
    const address = baseUrl + item.url;
    const credit = t('resource.creditLine', {
      title: item.title,
      authors: item.authors || item.organization.label,
      organization: item.organization.label,
      url: address,
      license: item.license.name || fmt.license(item.license),
    });
    const source = credits.get(item.id);
    const facts = [
      item.type?.label,
      item.grades.length > 0 ? fmt.grades(item.grades) : null,
      item.levels.map((one) => one.label).join(', ') || null,
      item.standards.map((one) => one.code).join(', ') || null,
      item.minutes ? fmt.minutes(item.minutes) : null,
    ].filter((one) => one !== null && one !== undefined);
    return `<li value="${number}">
<h3 lang="${escape(item.language)}">${escape(item.title)}</h3>
<p>${escape(facts.join('. '))}</p>
${item.note ? `<div class="note">${safeHtml(item.note)}</div>` : ''}
${
  files.length > 0
    ? `<ul>${files.map(({ path, name }) => `<li><a href="${escape(hrefOf(path))}">${escape(name)}</a></li>`).join('')}</ul>`
    : `<p>${escape(t('collection.zip.none'))}</p>`
}
${missing.map((name) => `<p>${escape(t('collection.zip.missing', { name }))}</p>`).join('')}
<p><a href="${escape(address)}">${escape(address)}</a></p>
<p>${escape(t('collection.zip.license'))}: ${escape(fmt.license(item.license))}${item.license.url ? ` (<a href="${escape(item.license.url)}">${escape(item.license.name)}</a>)` : ''}. ${escape(credit)}${source ? ` ${escape(t('resource.creditSource', { source }))}` : ''}</p>
</li>`;
  };
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(page.title)}</title>
<style>${style}</style></head>
<body>
<h1 lang="${escape(page.language)}">${escape(page.title)}</h1>
<p>${escape(t('collection.by', { owner: page.owner }))}, ${escape(page.organization.label)}. ${escape(t('collection.zip.lede', { address: `${baseUrl}/collections/${page.id}`, date: fmt.date(now) }))}</p>
<p>${escape(page.taken < page.total ? t('collection.print.first', { count: page.taken, total: page.total }) : t('collection.count', { count: page.total }))}</p>
${paragraph(page.description)}
${page.parts
  .map((part) => {
    const heading = part.id === 'rule' && page.parts.length > 1 ? t('collection.rule.found') : part.title;
    return `<h2>${escape(heading ?? t('collection.zip.contents'))}</h2>\n<ol>${part.items.map(entry).join('\n')}</ol>`;
  })
  .join('\n')}
</body>
</html>
`;
}

const style =
  'body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1.05rem/1.5 Charter,Cambria,Georgia,serif;overflow-wrap:anywhere}h3{margin-bottom:0}li>p{margin:.3rem 0}.note{border-left:3px solid #0a5943;padding-left:.8rem}@media(prefers-color-scheme:dark){body{background:#121513;color:#eceee8}a{color:#86d2b4}}';

const paragraph = (html: SafeHtml | null): string => (html ? `<div>${safeHtml(html)}</div>` : '');

const hrefOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
