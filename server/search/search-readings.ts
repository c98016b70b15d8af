import { editDistance } from '../lib/edit-distance.ts';
import type { Link } from '../web/page-parts.ts';
import { valueLabel, levelOf, type FacetWords } from './facet-view.ts';
import { changed, searchUrl, without } from './search-address.ts';
import { FACETS } from './search-port.ts';
import type { SearchParams } from './search-schema.ts';
import type { UnderstoodSearch } from './search-understanding.ts';
import type { ActiveFilter, FacetName, Understood } from './search-view.ts';

/**
 * How the query was read, each reading with a way back: codes that became standards, words that became filters or could
 * not, and values that don't exist.
 */
export function readings(asked: SearchParams, understood: UnderstoodSearch, words: FacetWords): Understood[] {
  const params = { ...asked, q: understood.text };
  const codes = understood.codes.flatMap(({ text, rest, standards, offered }) =>
    standards.map((tab, index): Understood => ({
      as: 'standard',
      text,
      tab,
      offered:
        index < standards.length - 1
          ? []
          : offered.map((one) => ({
              code: one.tab.code,
              label: one.framework,
              url: searchUrl(withStandard(changed(params, { q: rest }), one.tab.guid)),
            })),
      removeUrl: searchUrl(changed(params, { q: rest })),
      wordsUrl: asWordsUrl(params, text),
    })),
  );
  const filters = understood.readings.map(({ facet, values, text, rest }): Understood => ({
    as: 'filter',
    facet,
    text,
    label: valuesLabel(facet, values, words),
    level: facet === 'level' && values.length === 1 ? levelOf(values[0] ?? '', words) : null,
    removeUrl: searchUrl(changed(params, { q: rest })),
    wordsUrl: asWordsUrl(params, text),
  }));
  const unknownCodes = understood.unknown.map(({ text, value, near }): Understood => ({
    as: 'unknown',
    facet: 'standard',
    text,
    removeUrl: searchUrl(
      value === null
        ? changed(params, { q: params.q.replace(text, ' ').trim() })
        : without(params, 'standard', value),
    ),
    near: near.map((tab) => ({ label: tab.code, url: tab.url })),
  }));
  return [
    ...codes,
    ...filters,
    ...preferred(params, understood, words),
    ...asWords(understood, words),
    ...understood.files.map((text): Understood => ({ as: 'file', text, wordsUrl: asWordsUrl(params, text) })),
    ...unknownCodes,
    ...unknownValues(params, words),
  ];
}

const withStandard = (params: SearchParams, guid: string): SearchParams =>
  changed(params, { filters: { ...params.filters, standard: [...params.filters.standard, guid] } });

/** The same search with a part of its words kept as words. */
const asWordsUrl = (params: SearchParams, text: string): string =>
  searchUrl(changed(params, { words: [...params.words, text] }));

/** What is only preferred, since little has it, and the way to that little. */
function preferred(params: SearchParams, understood: UnderstoodSearch, words: FacetWords): Understood[] {
  const { preferred: few } = understood;
  if (few === null) return [];
  const filters = { ...params.filters, standard: [...params.filters.standard, ...few.codes] };
  for (const { facet, values } of few.readings) filters[facet] = [...new Set([...filters[facet], ...values])];
  return [
    {
      as: 'preferred',
      label: words.fmt.list([
        ...few.readings.map(({ facet, values }) => valuesLabel(facet, values, words)),
        ...few.codes,
      ]),
      count: few.count,
      onlyUrl: searchUrl(changed(params, { q: understood.q, filters })),
    },
  ];
}

const asWords = ({ asWords: readings }: UnderstoodSearch, words: FacetWords): Understood[] =>
  readings.length === 0
    ? []
    : [
        {
          as: 'words',
          texts: readings.map(({ text }) => text),
          label: words.fmt.list(readings.map(({ facet, values }) => valuesLabel(facet, values, words))),
        },
      ];

/** Several values of a filter as one label: "Grades 3–5". */
function valuesLabel(facet: FacetName, values: readonly string[], words: FacetWords): string {
  if (facet === 'grade') return words.fmt.grades(values);
  const nameOf = (value: string): string =>
    (facet === 'license'
      ? words.vocabularies.licenses.find(({ code }) => code === value)?.name
      : undefined) ?? valueLabel(facet, value, words);
  return words.fmt.listOr(values.map(nameOf));
}

/** Values that are in no vocabulary, with near ones. */
function unknownValues(params: SearchParams, words: FacetWords): Understood[] {
  const { vocabularies } = words;
  const slugs = (terms: readonly { slug: string }[]): string[] => terms.map(({ slug }) => slug);
  const known: Partial<Record<FacetName, string[]>> = {
    level: slugs(vocabularies.levels),
    subject: slugs(vocabularies.subjects),
    topic: slugs(vocabularies.topics),
    type: slugs(vocabularies.types),
    setting: slugs(vocabularies.settings),
    license: vocabularies.licenses.map(({ code }) => code),
  };
  return FACETS.flatMap((facet) => {
    const values = known[facet];
    if (!values) return [];
    return params.filters[facet]
      .filter((value) => !values.includes(value))
      .slice(0, 3)
      .map((value): Understood => ({
        as: 'unknown',
        facet,
        text: value,
        removeUrl: searchUrl(without(params, facet, value)),
        near: nearValues(value, values).map((other): Link => ({
          label: valueLabel(facet, other, words),
          url: searchUrl(
            changed(params, {
              filters: {
                ...params.filters,
                [facet]: params.filters[facet].map((old) => (old === value ? other : old)),
              },
            }),
          ),
        })),
      }));
  });
}

const nearValues = (value: string, values: string[]): string[] => {
  const typed = value.toLowerCase();
  const isNear = (other: string): boolean => {
    const plain = other.toLowerCase();
    return plain.startsWith(typed) || typed.startsWith(plain) || editDistance(typed, plain, 2) <= 2;
  };
  return values.filter(isNear).slice(0, 3);
};

/** The filters of the address as chips; standards that were read from the words are readings instead. */
export function filterChips(
  params: SearchParams,
  understood: UnderstoodSearch,
  words: FacetWords,
): ActiveFilter[] {
  return FACETS.flatMap((facet) =>
    params.filters[facet].map((value): ActiveFilter => {
      const tab =
        facet === 'standard'
          ? understood.standards.find((one) => one.value === value)?.standards[0]
          : undefined;
      return {
        facet,
        value,
        label: tab?.code ?? valueLabel(facet, value, words),
        level: facet === 'level' ? levelOf(value, words) : null,
        tab: tab ?? null,
        language: facet === 'language' ? value : null,
        removeUrl: searchUrl(without(params, facet, value)),
      };
    }),
  );
}
