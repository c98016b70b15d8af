import { GRADES } from '../lib/grade.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import { badRequest, type FieldFault } from '../errors.ts';
import type { FoundPlace } from '../search/found-inside.ts';
import { findInside } from '../search/found-inside.ts';
import { valueLabel, type FacetWords } from '../search/facet-view.ts';
import { answerSearch, type AnsweredSearch } from '../search/search-page.ts';
import { FACETS } from '../search/search-port.ts';
import type { SearchParams } from '../search/search-schema.ts';
import type { SearchDeps } from '../search/search-service.ts';
import type { FacetName } from '../search/search-view.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import { apiFacts } from './resource-api-queries.ts';
import { apiSummary, type ApiHit } from './resource-api-view.ts';
import type { searchResults } from './resource-schema.ts';
import type { z } from 'zod';

type Results = z.output<typeof searchResults>;
type FacetValue = Results['facets']['level'][number];

/** A tree has thousands of values; those with most resources are told. */
const MOST_VALUES = 500;

/**
 * A search as the API answers it: the same search, the same rules, the same parameters as the page. What can't be read is
 * refused here (a program should mend it), and a page behind the last one is empty, so that a reader of all pages ends.
 * @throws 400 naming the parameters that can't be read; 503 when no engine answers
 */
export async function apiSearch(
  deps: SearchDeps & { config: { baseUrl: string } },
  viewer: Viewer,
  locale: { t: Translate; fmt: Format },
  asked: { params: SearchParams; faults: FieldFault[] },
): Promise<Results> {
  if (asked.faults.length > 0) throw badRequest(...asked.faults);
  const answered = await answerSearch(deps, viewer, asked);
  const { answer, request, pages } = answered;
  const ids = asked.params.page > pages ? [] : answer.ids;
  const [cards, facts, places] = await Promise.all([
    resourceCards(deps.pool, viewer, ids),
    apiFacts(deps.pool, ids),
    findInside(deps.pool, { ...request, ids }),
  ]);
  const { vocabularies, names } = answered.understood;
  const words: FacetWords = { ...locale, vocabularies, names };
  const { baseUrl } = deps.config;
  return {
    total: answer.total,
    page: asked.params.page,
    pages,
    facets: Object.fromEntries(
      FACETS.map((name) => [name, facetValues(name, answered, words)]),
    ) as Results['facets'],
    hits: ids.flatMap((id): ApiHit[] => {
      const card = cards.get(id);
      const more = facts.get(id);
      if (!card || !more) return [];
      return [
        { ...apiSummary(card, more, baseUrl), ...foundIn(places.get(id), baseUrl + card.url, baseUrl) },
      ];
    }),
    understood: understoodAs(answered),
    took_ms: answer.tookMs,
    engine: answer.engine,
  };
}

function facetValues(name: FacetName, { answer }: AnsweredSearch, words: FacetWords): FacetValue[] {
  const values = (answer.facets[name] ?? [])
    .slice(0, MOST_VALUES)
    .flatMap(({ value, count }): FacetValue[] => {
      if (name === 'standard' && !words.names.standards.has(value)) return [];
      const parent = parentOf(name, value, words);
      return [{ value, label: labelOf(name, value, words), count, ...(parent === null ? {} : { parent }) }];
    });
  const order: readonly string[] | null =
    name === 'grade' ? GRADES : name === 'level' ? words.vocabularies.levels.map(({ slug }) => slug) : null;
  return order ? values.sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value)) : values;
}

/** Pages say of a license what it allows; programs get its name. */
const labelOf = (name: FacetName, value: string, words: FacetWords): string =>
  name === 'license'
    ? (words.vocabularies.licenses.find(({ code }) => code === value)?.name ?? value)
    : valueLabel(name, value, words);

function parentOf(name: FacetName, value: string, { vocabularies, names }: FacetWords): string | null {
  if (name === 'standard') return names.standards.get(value)?.parent ?? null;
  if (name !== 'topic') return null;
  const { topics } = vocabularies;
  const parentId = topics.find(({ slug }) => slug === value)?.parentId ?? null;
  return topics.find(({ id }) => id === parentId)?.slug ?? null;
}

function foundIn(
  place: FoundPlace | undefined,
  pageUrl: string,
  baseUrl: string,
): Pick<ApiHit, 'snippet' | 'found'> {
  if (!place) return { snippet: null, found: null };
  const { file, page, snippet } = place;
  const url = file ? `${baseUrl}/files/${file.id}/pages${page === null ? '' : `#page-${page}`}` : pageUrl;
  return {
    snippet: snippet.map(({ text }) => text).join(''),
    found: { file: file?.name ?? null, page, url, parts: snippet },
  };
}

function understoodAs({ understood, request, answer }: AnsweredSearch): Results['understood'] {
  const meant = (standards: readonly { guid: string; code: string }[]) =>
    standards.map(({ guid, code }) => ({ guid, code }));
  return {
    q: request.q,
    standards: [
      ...understood.codes.map(({ text, standards }) => ({ text, standards: meant(standards) })),
      ...understood.standards
        .filter(({ standards }) => standards.length > 0)
        .map(({ value, standards }) => ({ text: value, standards: meant(standards) })),
    ],
    filters: understood.readings.map(({ facet, text, values }) => ({ text, parameter: facet, values })),
    as_words: understood.asWords.map(({ facet, text, values }) => ({ text, parameter: facet, values })),
    unknown: understood.unknown.map(({ text, near }) => ({ text, near: near.map(({ code }) => code) })),
    corrected: [...understood.mended.map(({ typed, used }) => ({ typed, used })), ...answer.corrected],
    preferred: (understood.preferred?.readings ?? []).map(({ facet, text, values }) => ({
      text,
      parameter: facet,
      values,
    })),
    relaxed: answer.relaxed,
  };
}
