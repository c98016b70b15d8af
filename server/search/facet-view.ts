import { GRADES } from '../lib/grade.ts';
import type { Format } from '../locale/format.ts';
import type { Translate } from '../locale/locale.ts';
import type { Vocabularies } from '../vocabularies/vocabulary-queries.ts';
import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { FacetNames } from './facet-name-queries.ts';
import { facetTree, type TreeNode } from './facet-tree.ts';
import {
  CHECKED_VALUES,
  FACETS,
  MINUTES_BUCKETS,
  type FacetCount,
  type SearchFilters,
} from './search-port.ts';
import type { Facet, FacetName, FacetOption } from './search-view.ts';

/** What puts values of facets into words. */
export interface FacetWords {
  t: Translate;
  fmt: Format;
  vocabularies: Vocabularies;
  names: FacetNames;
}

type Counts = Partial<Record<FacetName, FacetCount[]>>;

/** How many options a facet shows before "More". */
const SHOWN = 6;
/** More values than this aren't worth a list; chosen ones are always kept. */
const MOST = 40;
const MOST_STANDARDS = 300;

/** All facets in the order in which they are shown. Chosen values are there even when nothing has them. */
export const facetsView = (counts: Counts, chosen: SearchFilters, words: FacetWords): Facet[] =>
  FACETS.map((name) => ({
    name,
    options: optionsOf(name, counts[name] ?? [], new Set(chosen[name]), words),
    shown: name === 'level' || name === 'minutes' ? 8 : SHOWN,
  }));

function optionsOf(
  name: FacetName,
  counts: FacetCount[],
  chosen: Set<string>,
  words: FacetWords,
): FacetOption[] {
  // The tree shows far fewer, and those above others have more hits than they.
  const most = name === 'standard' ? counts.slice(0, MOST_STANDARDS) : counts;
  const values = new Map(most.map(({ value, count }) => [value, count]));
  for (const value of chosen) if (!values.has(value)) values.set(value, 0);
  if (name === 'standard') return facetTree(standardNodes(values, chosen, words), chosen);
  if (name === 'topic') return facetTree(topicNodes(values, words), chosen);
  const options = [...values].map(([value, count]): FacetOption => ({
    value,
    count,
    chosen: chosen.has(value),
    label: valueLabel(name, value, words),
    level: name === 'level' ? levelOf(value, words) : null,
    code: null,
    language: name === 'language' ? value : null,
    children: [],
    open: false,
  }));
  const order = orderOf(name, words);
  if (order) options.sort((a, b) => placeIn(order, a.value) - placeIn(order, b.value));
  return options.filter((option, index) => index < MOST || option.chosen);
}

/** Reading order where there is one; otherwise values stand by count, as they come. */
function orderOf(name: FacetName, { vocabularies }: FacetWords): readonly string[] | null {
  if (name === 'grade') return GRADES;
  if (name === 'level') return vocabularies.levels.map(({ slug }) => slug);
  if (name === 'minutes') return MINUTES_BUCKETS;
  return name === 'checked' ? CHECKED_VALUES : null;
}

const placeIn = (order: readonly string[], value: string): number => {
  const place = order.indexOf(value);
  return place === -1 ? order.length : place;
};

/** A value of a facet in words; the value itself where nobody has a name for it. */
export function valueLabel(
  name: FacetName,
  value: string,
  { t, fmt, vocabularies, names }: FacetWords,
): string {
  const term = (list: readonly { slug: string; label: string }[]): string =>
    list.find(({ slug }) => slug === value)?.label ?? value;
  switch (name) {
    case 'grade':
      return fmt.grade(value);
    case 'level':
      return term(vocabularies.levels);
    case 'subject':
      return term(vocabularies.subjects);
    case 'type':
      return term(vocabularies.types);
    case 'setting':
      return term(vocabularies.settings);
    case 'topic':
      return vocabularies.topics.find(({ slug }) => slug === value)?.name ?? value;
    case 'license':
      return licenseLabel(value, t, vocabularies);
    case 'language':
      return fmt.language(value);
    case 'district':
      return names.districts.get(value) ?? value;
    case 'checked':
      return isOneOf(CHECKED_VALUES, value) ? t(`search.checked.${value}`) : value;
    case 'minutes':
      return isOneOf(MINUTES_BUCKETS, value) ? t(`search.minutes.${value}`) : value;
    case 'standard':
      return names.standards.get(value)?.code ?? names.standards.get(value)?.label ?? value;
  }
}

const isOneOf = <Value extends string>(values: readonly Value[], text: string): text is Value =>
  (values as readonly string[]).includes(text);

/** The answer to "May I change it?", with the license's name. */
function licenseLabel(code: string, t: Translate, { licenses }: Vocabularies): string {
  const license = licenses.find((one) => one.code === code);
  if (!license) return code;
  if (code === 'unknown') return t('search.license.ask');
  return t(license.adaptable ? 'search.license.yes' : 'search.license.no', { name: license.name });
}

export const levelOf = (slug: string, { vocabularies }: FacetWords): LevelSign | null => {
  const level = vocabularies.levels.find((one) => one.slug === slug);
  return level ? { slug: level.slug, label: level.label, position: level.position, of: level.of } : null;
};

const standardNodes = (
  values: Map<string, number>,
  chosen: ReadonlySet<string>,
  { names }: FacetWords,
): TreeNode[] =>
  [...values].flatMap(([value, count]) => {
    const name = names.standards.get(value);
    if (!name || (name.hidden && !chosen.has(value))) return [];
    const label = name.label.length > 90 ? `${name.label.slice(0, 88).trimEnd()}…` : name.label;
    return [
      {
        value,
        count,
        label,
        code: name.code,
        language: name.language,
        parent: name.parent,
        position: name.position,
      },
    ];
  });

function topicNodes(values: Map<string, number>, { vocabularies }: FacetWords): TreeNode[] {
  const slugOf = new Map(vocabularies.topics.map(({ id, slug }) => [id, slug]));
  return vocabularies.topics.flatMap(({ slug, name, parentId }, position) => {
    const count = values.get(slug);
    if (count === undefined) return [];
    const parent = parentId === null ? null : (slugOf.get(parentId) ?? null);
    return [{ value: slug, count, label: name, code: null, language: null, parent, position }];
  });
}
