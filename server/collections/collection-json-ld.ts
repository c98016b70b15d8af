import { collectionPath } from '../lib/slug.ts';
import { plainWords } from './collection-queries.ts';
import type { ReadCollection } from './collection-page.ts';

/** A collection that everyone may see as schema.org JSON-LD: what stands on this page of it, and how much there is. */
export function collectionJsonLd(
  read: ReadCollection,
  { title, baseUrl }: { title: string; baseUrl: string },
): object {
  const { collection, items, hits, cards, total } = read;
  const shown = [...items.map((item) => item.resourceId), ...hits].flatMap((id) => cards.get(id) ?? []);
  const url = baseUrl + collectionPath(collection.id, collection.title);
  return {
    '@context': 'https://schema.org',
    '@type': ['CollectionPage', 'Collection'],
    '@id': `${baseUrl}/collections/${collection.id}`,
    url,
    name: title,
    ...(collection.description === '' ? {} : { description: plainWords(collection.description, 300) }),
    inLanguage: collection.language,
    isAccessibleForFree: true,
    dateModified: collection.updatedAt.toISOString(),
    provider: { '@type': 'Organization', name: collection.organizationName },
    collectionSize: total,
    mainEntity: {
      '@type': 'ItemList',
      numberOfItems: total,
      itemListElement: shown.map((card, index) => ({
        '@type': 'ListItem',
        position: index + 1,
        url: baseUrl + card.url,
        name: card.title,
      })),
    },
  };
}
