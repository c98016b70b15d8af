import { callItem } from '../curation/call-page.ts';
import type { CallRow } from '../curation/call-queries.ts';
import type { Translate } from '../locale/locale.ts';
import { isMessageKey } from '../locale/locale.ts';
import { compareGrades, isGrade } from '../lib/grade.ts';
import type { ResourceCard, ShelfItem } from '../resources/resource-view.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { frameworkCard } from '../standards/framework-card.ts';
import { kindOf } from '../standards/standard-kind.ts';
import type { FrameworkTree, StandardFacts } from '../standards/standard-queries.ts';
import { standardTab } from '../standards/standard-row.ts';
import type { StandardRow } from '../standards/standard-row.ts';
import type {
  FrameworkPage,
  LevelCount,
  RungCall,
  StandardListItem,
  StandardPage,
} from '../standards/standard-view.ts';
import type { Level } from '../vocabularies/vocabulary-queries.ts';
import type { Shelf, ShelfSort, StandardCount } from './standard-page-queries.ts';

const withTab = (standard: StandardRow) => ({ tab: standardTab(standard) });

/** A standard in a list, with what the shelf has for it. */
export function listItem(
  standard: StandardRow,
  count: StandardCount | undefined,
  levels: readonly Level[],
  depth: number,
): StandardListItem {
  const kind = kindOf(standard);
  return {
    ...withTab(standard),
    kind,
    grades: standard.grades,
    depth,
    resources: count?.resources ?? 0,
    checked: count?.checked ?? 0,
    levels: kind === 'group' ? [] : levels.map((level) => levelCount(standard.guid, level, count)),
    language: standard.language ?? 'en',
  };
}

function levelCount(guid: string, level: Level, count: StandardCount | undefined): LevelCount {
  const here = count?.levels.get(level.id);
  return {
    slug: level.slug,
    label: level.label,
    position: level.position,
    of: level.of,
    count: here?.resources ?? 0,
    checked: here?.checked ?? 0,
    url: searchUrl(guid, level.slug),
  };
}

const searchUrl = (guid: string, level?: string): string =>
  level === undefined ? `/search?standard=${guid}` : `/search?standard=${guid}&level=${level}`;

/** The page of a framework: `grade` and `domain` are what the reader chose. */
export function frameworkPage(
  t: Translate,
  tree: FrameworkTree,
  input: {
    counts: ReadonlyMap<string, StandardCount>;
    resources: number;
    levels: readonly Level[];
    grade: string | undefined;
    domain: string | undefined;
  },
): FrameworkPage {
  const { framework, items } = tree;
  const card = frameworkCard(framework, input.resources);
  const url = (choice: Record<string, string | undefined>): string => {
    const params = new URLSearchParams(
      Object.entries(choice).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return params.size > 0 ? `${card.url}?${params.toString()}` : card.url;
  };
  const { grade, domain } = input;
  const top = Math.min(...items.map((item) => item.depth));
  return {
    framework: card,
    crumbs: [{ label: t('standards.title'), url: '/standards' }],
    description: framework.description,
    license: licenseLink(t, framework.licenseUri),
    language: framework.language ?? 'en',
    grades: tree.grades
      .filter((one) => isGrade(one.grade))
      .toSorted((a, b) => (isGrade(a.grade) && isGrade(b.grade) ? compareGrades(a.grade, b.grade) : 0))
      .map((one) => ({
        ...one,
        url: url({ grade: one.grade === grade ? undefined : one.grade, domain }),
        current: one.grade === grade,
      })),
    domains: tree.domains.map((one) => ({
      label: one.label,
      code: one.code,
      count: one.count,
      url: url({ grade, domain: one.guid === domain ? undefined : one.guid }),
      current: one.guid === domain,
    })),
    allUrl: grade === undefined && domain === undefined ? null : card.url,
    items: items.map((item) => listItem(item, input.counts.get(item.guid), input.levels, item.depth - top)),
    levels: [...input.levels],
    searchUrl: searchUrl(framework.guid),
    caseUrl: null,
  };
}

/** The license of a framework's text; Creative Commons by its short name. */
function licenseLink(t: Translate, uri: string | null): FrameworkPage['license'] {
  if (uri === null || !/^https?:\/\//i.test(uri)) return null;
  const cc = /creativecommons\.org\/licenses\/([a-z-]+)\/(\d\.\d)/i.exec(uri);
  if (cc) return { label: `CC ${cc[1]?.toUpperCase()} ${cc[2]}`, url: uri };
  if (/creativecommons\.org\/publicdomain\/zero/i.test(uri)) return { label: 'CC0', url: uri };
  return { label: t('framework.license'), url: uri };
}

/** The page of a standard: a ladder with the shelf on each rung. */
export function standardPage(
  t: Translate,
  facts: StandardFacts,
  input: {
    shelves: readonly Shelf[];
    cards: ReadonlyMap<string, ResourceCard>;
    counts: ReadonlyMap<string, StandardCount>;
    frameworkUrl: string;
    sort: ShelfSort;
    checkedOnly: boolean;
    /** Calls for lessons that are out for the standard. */
    calls: readonly CallRow[];
  },
): StandardPage<ShelfItem> {
  const { standard, neighbors } = facts;
  const { guid } = standard;
  const count = input.counts.get(guid);
  const total = count?.resources ?? 0;
  const kind = kindOf(standard);
  const counted = (list: readonly StandardRow[]) =>
    list.map((one) => ({ ...withTab(one), count: input.counts.get(one.guid)?.resources ?? 0 }));
  const precedes = (direction: 'in' | 'out') =>
    neighbors
      .filter((one) => one.type === 'precedes' && one.direction === direction)
      .map((one) => standardTab(one.standard));
  return {
    tab: standardTab(standard),
    crumbs: [
      { label: t('standards.title'), url: '/standards' },
      { label: standard.framework.title, url: input.frameworkUrl },
      ...facts.path.map((one) => {
        const tab = standardTab(one);
        return { label: one.code === null ? tab.statement : tab.code, url: tab.url };
      }),
    ],
    framework: { label: standard.framework.title, url: input.frameworkUrl },
    language: standard.language ?? 'en',
    kind,
    notes: standard.notes,
    grades: standard.grades,
    total,
    checked: count?.checked ?? 0,
    searchUrl: searchUrl(guid),
    rungs: kind === 'group' && total === 0 && input.calls.length === 0 ? [] : rungs(facts, input),
    call: rungCall(input.calls.find(({ level }) => level === null)),
    unplaced: unplaced(guid, input),
    sort: input.sort,
    checkedOnly: input.checkedOnly,
    parent: facts.parent && withTab(facts.parent),
    siblings: counted(facts.siblings).map((one) => ({ ...one, current: one.tab.guid === guid })),
    children: counted(facts.children),
    buildsOn: precedes('in'),
    leadsTo: precedes('out'),
    crosswalk: neighbors
      .filter(({ type }) => type !== 'precedes' && type !== 'replacedBy')
      .map((one) => ({
        framework: one.standard.framework.title,
        tab: standardTab(one.standard),
        match: matchWords(t, one.type),
      })),
    replacedBy: facts.replacedBy.map(standardTab),
  };
}

function matchWords(t: Translate, type: string): string {
  const key = `standard.match.${type}`;
  return t(isMessageKey(key) ? key : 'standard.match.isRelatedTo');
}

type Shelves = { shelves: readonly Shelf[]; cards: ReadonlyMap<string, ResourceCard>; checkedOnly: boolean };
type Rungs = Shelves & { calls: readonly CallRow[] };

const onlyChecked = (url: string, checkedOnly: boolean): string =>
  checkedOnly ? `${url}&checked=state&checked=district` : url;

function rungs({ standard, levels }: StandardFacts, input: Rungs): StandardPage<ShelfItem>['rungs'] {
  const shelfOf = new Map(input.shelves.map((shelf) => [shelf.level, shelf]));
  const filled = levels.filter((level) => (shelfOf.get(level.id)?.resources ?? 0) > 0);
  return levels.map((level) => {
    const shelf = shelfOf.get(level.id);
    const call = input.calls.find((one) => one.level === level.slug);
    const nearest = filled.toSorted(
      (a, b) => Math.abs(a.position - level.position) - Math.abs(b.position - level.position),
    )[0];
    return {
      level: {
        slug: level.slug,
        label: level.label,
        position: level.position,
        of: level.of,
        description: level.description,
      },
      count: shelf?.resources ?? 0,
      checked: shelf?.checked ?? 0,
      items: itemsOf(shelf, input, level),
      allUrl: onlyChecked(searchUrl(standard.guid, level.slug), input.checkedOnly),
      shareUrl: `/resources/new?standard=${standard.guid}&level=${level.slug}`,
      call: rungCall(call),
      adaptFrom: shelf || !nearest ? null : { label: nearest.label, url: `#level-${nearest.position}` },
    };
  });
}

/** A call as a rung shows it. */
function rungCall(row: CallRow | undefined): RungCall | null {
  if (!row) return null;
  const { url, words, by, closesOn, shareUrl } = callItem(row, []);
  return shareUrl === null ? null : { url, words, by, closesOn, shareUrl };
}

function unplaced(guid: string, input: Shelves): StandardPage<ShelfItem>['unplaced'] {
  const shelf = input.shelves.find(({ level }) => level === null);
  if (!shelf) return null;
  return {
    count: shelf.resources,
    items: itemsOf(shelf, input, null),
    allUrl: onlyChecked(searchUrl(guid), input.checkedOnly),
  };
}

function itemsOf(
  shelf: Shelf | undefined,
  { cards }: Shelves,
  level: StandardFacts['levels'][number] | null,
): ShelfItem[] {
  return (shelf?.ids ?? []).flatMap((id) => {
    const card = cards.get(id);
    return card ? [shelfItem(card, { level })] : [];
  });
}
