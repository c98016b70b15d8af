import { collectionPath } from '../lib/slug.ts';
import type { Viewer } from '../lib/viewer.ts';
import type { Translate } from '../locale/locale.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import type { FieldError, Option } from '../web/page-parts.ts';
import {
  titleOf,
  type Locale,
  type PageDeps,
  readCollection,
  ruleWords,
  type ReadCollection,
} from './collection-page.ts';
import { may, mayBeShownTo, mayFeature, type CollectionVisibility } from './collection-policy.ts';
import { loadCollection, type LoadedCollection } from './collection-queries.ts';
import { MOST_ITEMS } from './collection-schema.ts';
import type { CollectionEditPage, CoverChoice, EditedItem, EditedSection } from './collection-view.ts';
import { collectionEditors, type ItemRow } from './item-queries.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';

/** So many pictures are offered for the cover. */
const MOST_COVERS = 24;
/** So many hits of a rule are offered to be pinned or left out. */
const HITS_OFFERED = 20;

export interface Typed {
  title?: string;
  description?: string;
  visibility?: CollectionVisibility;
  section?: string;
  resource?: string;
  email?: string;
}

/**
 * The page on which a collection is arranged, for whoever may.
 * @throws 404 for everybody else
 */
export async function editPage(
  deps: PageDeps,
  viewer: Viewer,
  id: string,
  locale: Locale,
  { typed = {}, errors = [] }: { typed?: Typed; errors?: FieldError[] } = {},
): Promise<CollectionEditPage> {
  const collection = await loadCollection(deps.pool, viewer, id, 'arrange');
  const [read, editors] = await Promise.all([
    readCollection(deps, viewer, collection, null),
    collectionEditors(deps.pool, id),
  ]);
  const out = await resourceCards(
    deps.pool,
    viewer,
    read.contents.out.map((item) => item.resourceId),
  );
  const { t } = locale;
  const mayShare = may('share', collection.relation, collection);
  const mayInvite = may('invite', collection.relation, collection);
  const base = `/collections/${id}`;
  const sections = sectionsOf(read, locale);
  const linked = collection.visibility === 'link' && collection.linkKey !== null;
  return {
    id,
    kind: collection.kind,
    title: titleOf(collection, t),
    url: collectionPath(id, collection.title),
    values: {
      title: typed.title ?? collection.title,
      description: typed.description ?? collection.description,
      visibility: typed.visibility ?? collection.visibility,
    },
    revision: collection.revision,
    visibilities: visibilityOptions(viewer, collection, typed.visibility ?? collection.visibility, t),
    mayShare,
    mayDescribe: may('describe', collection.relation, collection),
    covers: coversOf(read),
    sections,
    sectionOptions: [
      { value: '', label: t('collection.section.none') },
      ...read.contents.sections.map((section) => ({ value: section.id, label: section.title })),
    ],
    count: read.items.length,
    most: MOST_ITEMS,
    gone: read.contents.gone,
    rule: read.search && {
      ...ruleWords(read.search, collection.rule ?? '', locale),
      editUrl: `${base}/rule`,
      total: read.search.answer.total,
      hits: read.hits
        .slice(0, HITS_OFFERED)
        .flatMap((resourceId) => loose(read.cards.get(resourceId), base, locale)),
      out: read.contents.out.flatMap((item) => loose(out.get(item.resourceId), base, locale)),
    },
    link:
      linked && mayShare
        ? {
            url: `${deps.config.baseUrl}${base}?key=${collection.linkKey ?? ''}`,
            actionUrl: `${base}/link`,
          }
        : null,
    editors: editors.map((editor) => ({
      ...editor,
      removeUrl: mayInvite || editor.id === viewer.id ? `${base}/editors/${editor.id}/remove` : null,
    })),
    owner: collection.ownerName,
    mayInvite,
    typed: { section: typed.section ?? '', resource: typed.resource ?? '', email: typed.email ?? '' },
    actionUrl: base,
    itemsUrl: `${base}/items`,
    sectionsUrl: `${base}/sections`,
    editorsUrl: `${base}/editors`,
    goneUrl: `${base}/gone`,
    deleteUrl: may('delete', collection.relation, collection) ? `${base}/delete` : null,
    feature: mayFeature(viewer, collection)
      ? { url: `${base}/feature`, featured: collection.featured }
      : null,
    errors,
  };
}

function sectionsOf(read: ReadCollection, locale: Locale): EditedSection[] {
  const { collection, contents, items, cards } = read;
  const base = `/collections/${collection.id}`;
  const all: { id: string | null; title: string | null; revision: number }[] = [
    { id: null, title: null, revision: 0 },
    ...contents.sections,
  ];
  return all.map((section, index) => {
    const within = items.filter((item) => item.sectionId === section.id && cards.has(item.resourceId));
    return {
      ...section,
      actionUrl: section.id === null ? null : `${base}/sections/${section.id}`,
      first: index === 1,
      last: index === all.length - 1,
      items: within.map((item, place) =>
        edited(cards.get(item.resourceId)!, base, locale, {
          item,
          first: place === 0 && index === 0,
          last: place === within.length - 1 && index === all.length - 1,
        }),
      ),
    };
  });
}

function edited(
  card: ResourceCard,
  base: string,
  { fmt }: Locale,
  { item, first, last }: { item: ItemRow | null; first: boolean; last: boolean },
): EditedItem {
  return {
    id: card.id,
    title: card.title,
    language: card.language,
    url: card.url,
    thumb: card.thumb,
    kind: card.kind,
    about: [
      card.type?.label,
      card.grades.length > 0 ? fmt.grades(card.grades) : null,
      card.organization.label,
    ]
      .filter(Boolean)
      .join(', '),
    note: item?.note ?? '',
    revision: item?.revision ?? 0,
    section: item?.sectionId ?? '',
    actionUrl: `${base}/items/${card.id}`,
    first,
    last,
  };
}

const loose = (card: ResourceCard | undefined, base: string, locale: Locale): EditedItem[] =>
  card ? [edited(card, base, locale, { item: null, first: true, last: true })] : [];

function coversOf({ collection, items, hits, cards }: ReadCollection): CoverChoice[] {
  const ids = [
    ...new Set([
      ...(collection.coverId === null ? [] : [collection.coverId]),
      ...items.map((item) => item.resourceId),
      ...hits,
    ]),
  ];
  return ids
    .flatMap((id): CoverChoice[] => {
      const card = cards.get(id);
      return card?.thumb
        ? [
            {
              value: id,
              label: card.title,
              language: card.language,
              thumb: card.thumb,
              chosen: id === collection.coverId,
            },
          ]
        : [];
    })
    .slice(0, MOST_COVERS);
}

/** To whom it can be shown, with what that means; the one that is chosen now is always among them. */
export function visibilityOptions(
  viewer: Viewer,
  {
    organization,
    visibility,
  }: Pick<LoadedCollection, 'organization'> & { visibility?: CollectionVisibility },
  chosen: CollectionVisibility,
  t: Translate,
): Option[] {
  const allowed = mayBeShownTo(viewer, { organization });
  return (['private', 'link', 'school', 'district', 'public'] as const)
    .filter((value) => allowed.includes(value) || value === visibility)
    .map((value) => ({
      value,
      label: t(`collection.visibility.${value}`),
      hint: t(`collection.visibility.${value}.hint`),
      chosen: value === chosen,
    }));
}
