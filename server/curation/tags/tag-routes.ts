import type { Response } from 'express';
import { districtsLookedAfter } from '../../accounts/looked-after-queries.ts';
import type { Deps } from '../../deps.ts';
import { PortalError } from '../../errors.ts';
import { briefCache } from '../../lib/brief-cache.ts';
import { isGrade } from '../../lib/grade.ts';
import { isStateStaff } from '../../lib/viewer.ts';
import { formats } from '../../locale/format.ts';
import { standardsByGuid } from '../../standards/standard-queries.ts';
import { standardTab } from '../../standards/standard-row.ts';
import { readVocabularies, type Vocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { contextOf, page } from '../../web/page.ts';
import { id, parseForm, parseQuery } from '../../web/parse.ts';
import { educatorOf, originOf } from '../../web/request-context.ts';
import { createRoutes, staff } from '../../web/route.ts';
import { CURATORS } from '../curators.ts';
import { planChange } from './change-service.ts';
import { lastChanges, type TagChange } from './change-store.ts';
import { TAG_ROWS, tagsPage, type TypedChange } from './tag-page.ts';
import { tagRows, tagStamp, tagTally, type TagFilter, type TagTally } from './tag-queries.ts';
import { mendedGap, planForm, readWhat, readWish, tagQuery, type TagChoice } from './tag-schema.ts';
import type { TagWords } from './tag-words.ts';

const CHANGES = 8;
const fresh: TypedChange = { to: [], mode: '', level: '', ticked: [], which: 'all', faults: [] };

/** `/curate/tags`: what is missing or unresolved, and the form that mends many at once. */
export function tagRoutes(deps: Deps) {
  const routes = createRoutes();
  const tallies = briefCache<TagTally>(60_000);

  routes.get('/curate/tags', staff(...CURATORS), async (req, res) => {
    await show(res, parseQuery(tagQuery, req.query), fresh);
  });

  routes.post('/curate/tags/changes', staff(...CURATORS), async (req, res) => {
    const viewer = educatorOf(res);
    const form = parseForm(planForm, req.body);
    const typed = { ...form, ticked: form.resource };
    const [{ filter }, lists] = await Promise.all([scopeOf(res, form), readVocabularies(deps.pool)]);
    const { wish, faults } = await readWish(deps.pool, form, lists);
    if (faults.length > 0) return show(res, form, { ...typed, faults });
    try {
      const ids = form.resource.filter((one) => id.safeParse(one).success);
      const changeId = await planChange(
        deps,
        viewer,
        {
          wish,
          chosen: form.which === 'ticked' ? { ids } : { filter },
          gap: mendedGap(form, wish.field),
        },
        originOf(req, res),
      );
      res.redirect(303, `/curate/tags/changes/${changeId}`);
    } catch (error) {
      if (!(error instanceof PortalError) || error.status !== 422) throw error;
      await show(res, form, { ...typed, faults: error.faults });
    }
  });

  /** The filter that a choice means for this viewer. */
  async function scopeOf(res: Response, choice: TagChoice) {
    const viewer = educatorOf(res);
    const districts = await districtsLookedAfter(deps.pool, viewer, CURATORS);
    const chosen = districts.find(({ slug }) => slug === choice.district);
    const own = isStateStaff(viewer, ...CURATORS) ? null : districts.map((one) => one.id);
    const filter: TagFilter = {
      ...readWhat(choice.what),
      gapValue: choice.value === '' ? null : choice.value,
      districts: chosen ? [chosen.id] : own,
      subject: choice.subject === '' ? null : choice.subject,
      grade: isGrade(choice.grade) ? choice.grade : null,
      words: choice.words,
    };
    return { districts, filter };
  }

  async function show(res: Response, choice: TagChoice, typed: TypedChange): Promise<void> {
    const viewer = educatorOf(res);
    const { t } = contextOf(res);
    const [{ districts, filter }, stamp] = await Promise.all([scopeOf(res, choice), tagStamp(deps.pool)]);
    const [tally, found, lists, changes] = await Promise.all([
      tallies(`${JSON.stringify(filter.districts)} ${stamp}`, () => tagTally(deps.pool, filter.districts)),
      tagRows(deps.pool, filter, { limit: TAG_ROWS, offset: (choice.page - 1) * TAG_ROWS }),
      readVocabularies(deps.pool),
      lastChanges(deps.pool, isStateStaff(viewer, ...CURATORS) ? null : viewer.id, CHANGES),
    ]);
    const words = await tagWords(deps, res, lists, changes);
    page(res, 'curate/tags', tagsPage({ words, choice, tally, found, districts, changes, typed }), {
      title: t('tags.title'),
      status: typed.faults.length > 0 ? 422 : 200,
      robots: 'none',
    });
  }

  return routes.router;
}

/** Words for changes, with the codes of the standards that they name. */
export async function tagWords(
  { pool }: Pick<Deps, 'pool'>,
  res: Response,
  lists: Vocabularies,
  changes: readonly Pick<TagChange, 'field' | 'value'>[],
  guids: readonly string[] = [],
): Promise<TagWords> {
  const { t, language } = contextOf(res);
  const named = changes.flatMap(({ field, value }) => (field === 'standard' ? (value[0] ?? []) : []));
  const standards = await standardsByGuid(pool, [...named, ...guids]);
  const codes = new Map([...standards].map(([guid, standard]) => [guid, standardTab(standard).code]));
  return { t, fmt: formats(language, t), lists, codes };
}
