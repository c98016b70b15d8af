import type { Pool } from 'pg';
import { audiencesOf, isEducator, type Viewer } from '../../lib/viewer.ts';
import { resourceCards } from '../../resources/resource-card-queries.ts';
import type { ResourceCard } from '../../resources/resource-view.ts';
import { readWords } from '../query-words.ts';
import type { SearchEngines } from '../search-engines.ts';
import { searchFilters, type SearchRequest } from '../search-port.ts';
import { expandWords, synonymIndex, type SynonymGroup } from './synonym-expansion.ts';
import { synonymGroups } from './synonym-queries.ts';

export interface SynonymPreview {
  /** How many resources the query finds with the synonyms as they are, and as they would be. */
  before: number;
  after: number;
  /** Among the first hits: new ones, and such as would be there no more; best first. */
  gained: ResourceCard[];
  lost: ResourceCard[];
}

const COMPARED = 50;

/**
 * What a change of synonyms would do to a query: a group put in the place of one (`id`), a new one (`id` null), or one
 * taken away (`group` null). The engine in PostgreSQL answers, whichever searches: it takes synonyms with the question, so
 * that nothing has to be changed to look.
 * @throws EngineDown
 */
export async function previewSynonyms(
  { pool, search }: { pool: Pool; search: SearchEngines },
  viewer: Viewer,
  asked: { q: string; id: string | null; group: SynonymGroup | null },
): Promise<SynonymPreview> {
  const engine = search.all.find(({ name }) => name === 'postgres') ?? search.first;
  const groups = await synonymGroups(pool);
  const changed = [...groups.filter(({ id }) => id !== asked.id), ...(asked.group ? [asked.group] : [])];
  const { words } = readWords(asked.q);
  const find = (all: readonly SynonymGroup[]) => {
    const request: SearchRequest = {
      q: asked.q,
      synonyms: expandWords(words, synonymIndex(all)),
      filters: searchFilters(),
      within: null,
      sort: 'best',
      page: 1,
      perPage: COMPARED,
      facets: [],
      audience: audiencesOf(viewer),
      educator: isEducator(viewer),
    };
    return engine.search(request);
  };
  const [before, after] = await Promise.all([find(groups), find(changed)]);
  const gained = after.ids.filter((id) => !before.ids.includes(id));
  const lost = before.ids.filter((id) => !after.ids.includes(id));
  const cards = await resourceCards(pool, viewer, [...gained, ...lost]);
  const shown = (ids: string[]) => ids.flatMap((id) => cards.get(id) ?? []);
  return { before: before.total, after: after.total, gained: shown(gained), lost: shown(lost) };
}
