import { teachingOf, type Teaching } from '../accounts/profile/profile-queries.ts';
import { callItem } from '../curation/call-page.ts';
import { callsFor } from '../curation/call-queries.ts';
import { OUT } from '../curation/call-states.ts';
import { featuredCollections } from '../collections/collection-queries.ts';
import type { Deps } from '../deps.ts';
import { briefCache } from '../lib/brief-cache.ts';
import { GRADES } from '../lib/grade.ts';
import { audiencesOf, sortKeys } from '../lib/viewer.ts';
import { resourceCards, withUrl } from '../resources/resource-card-queries.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { offeredTerms, readVocabularies } from '../vocabularies/vocabulary-queries.ts';
import type { Term } from '../vocabularies/vocabulary-view.ts';
import { contextOf, page } from '../web/page.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import {
  apartFacts,
  GAPS_SHOWN,
  homeFacts,
  SHELF,
  shelfForTeaching,
  withApart,
  type HomeFacts,
  type ShelfItem,
} from './home-queries.ts';
import type { HomePage } from './home-view.ts';

/** So many calls for lessons stand there. */
const CALLS = 4;
/** So many collections of the state stand on it. */
const COLLECTIONS_SHOWN = 4;

/** The home page: one question, one box, a second way in, and what is on the shelf. */
export function homeRoutes(deps: Pick<Deps, 'pool' | 'config'>) {
  const routes = createRoutes();
  const facts = briefCache<HomeFacts>(20_000);
  const forTeaching = briefCache<ShelfItem[]>(20_000);

  routes.get('/', anyone, async (_req, res) => {
    const viewer = viewerOf(res);
    const { t } = contextOf(res);
    const audiences = audiencesOf(viewer);
    const keys = sortKeys(audiences);
    const [teaching, all, apart, vocabularies, collections] = await Promise.all([
      viewer.id === null ? null : teachingOf(deps.pool, viewer.id),
      facts(keys.shared.join(' '), () => homeFacts(deps.pool, keys.shared)),
      keys.own.length === 0 ? null : apartFacts(deps.pool, keys),
      readVocabularies(deps.pool),
      featuredCollections(deps.pool, viewer, COLLECTIONS_SHOWN),
    ]);
    const known = apart === null ? all : withApart(all, apart);
    const checked = known.shelf.filter((item) => item.checked);
    const usual = checked.length > 0 ? checked : known.shelf;
    const teaches = teaching !== null && teaching.subjects.length + teaching.grades.length > 0;
    const first = teaching?.first && teaches ? teaching : null;
    const [wanted, mine] = await Promise.all([
      callsFor(deps.pool, viewer, { states: OUT, ...(first ? { first } : {}) }, { limit: CALLS }),
      first === null
        ? []
        : forTeaching(JSON.stringify([audiences.toSorted(), first.subjects, first.grades]), () =>
            shelfForTeaching(deps.pool, audiences, first, SHELF),
          ),
    ]);
    const rest = usual.filter(({ id }) => !mine.some((item) => item.id === id));
    const shelf = [...mine, ...rest].slice(0, Math.max(SHELF, usual.length));
    const cards = await resourceCards(
      deps.pool,
      viewer,
      shelf.map((item) => item.id),
    );
    const { code, topic } = known.tries;
    page(
      res,
      'home/index',
      {
        resources: known.resources,
        districts: known.districts.length,
        checked: known.checked,
        aligned: code !== null,
        tries: [
          ...(code ? [{ label: code, url: `/search?q=${encodeURIComponent(code)}` }] : []),
          ...(topic
            ? [{ label: topic.name, url: `/search?q=${encodeURIComponent(topic.name.toLowerCase())}` }]
            : []),
        ],
        subjects: offeredTerms(vocabularies.subjects),
        grades: [...GRADES],
        levels: vocabularies.levels,
        shelf: {
          kind: checked.length > 0 ? 'checked' : 'newest',
          items: shelf.flatMap((item) => {
            const card = cards.get(item.id);
            return card ? [shelfItem(card)] : [];
          }),
          teaching: teaches ? shownTeaching(teaching, vocabularies.subjects, mine.length) : null,
          allUrl: checked.length > 0 ? '/search?checked=state&sort=newest' : '/search?sort=newest',
        },
        collections,
        bySubject: known.by_subject
          .filter(({ count }) => count > 0)
          .map(({ slug, label, count }) => ({
            label,
            count,
            url: `/search?subject=${slug}`,
          })),
        calls: wanted.calls.map((row) => callItem(row, vocabularies.levels)),
        gaps: gapsFor(first, known.gaps).flatMap((gap) => {
          const level = vocabularies.levels.find((item) => item.slug === gap.level);
          return level
            ? [
                {
                  tab: withUrl(gap),
                  level,
                  shareUrl: `/resources/new?standard=${gap.guid}&level=${level.slug}`,
                },
              ]
            : [];
        }),
      },
      { title: t(known.resources === 0 ? 'home.title.empty' : 'home.title'), canonical: '/' },
    );
  });

  return routes.router;
}

/** The best known empty rungs, those that somebody could fill with what they teach before others. */
function gapsFor(first: Teaching | null, gaps: HomeFacts['gaps']): HomeFacts['gaps'] {
  if (first === null) return gaps.slice(0, GAPS_SHOWN);
  const { subjects, grades } = first;
  const fits = ({ subject, grades: of }: HomeFacts['gaps'][number]): number =>
    (subjects.length === 0 || (subject !== null && subjects.includes(subject)) ? 2 : 0) +
    (grades.length === 0 || of.some((grade) => grades.includes(grade)) ? 1 : 0);
  return gaps.toSorted((a, b) => fits(b) - fits(a)).slice(0, GAPS_SHOWN);
}

/** What a person teaches in words, and a search for all of it. */
function shownTeaching(
  { subjects, grades, first }: Teaching,
  known: readonly Term[],
  found: number,
): HomePage['shelf']['teaching'] {
  const params = new URLSearchParams({ sort: 'newest' });
  for (const slug of subjects) params.append('subject', slug);
  for (const grade of grades) params.append('grade', grade);
  return {
    subjects: known.filter(({ slug }) => subjects.includes(slug)),
    grades,
    first,
    found,
    url: `/search?${params.toString()}`,
  };
}
