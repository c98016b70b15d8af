import type { Request, Response } from 'express';
import type { Deps } from '../../deps.ts';
import { PortalError, type FieldFault } from '../../errors.ts';
import { readVocabularies, type Level, type Vocabularies } from '../../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../../web/field-errors.ts';
import { flash } from '../../web/flash.ts';
import { contextOf, page } from '../../web/page.ts';
import { parseForm } from '../../web/parse.ts';
import { originOf, viewerOf } from '../../web/request-context.ts';
import { createRoutes, stateStaff } from '../../web/route.ts';
import { levelMeanings, wordsOfLevel } from '../reading/level-meanings.ts';
import { phraseVocabulary } from '../reading/phrase-vocabulary.ts';
import { readFilters } from '../reading/read-filters.ts';
import { wordTables } from '../reading/word-table.ts';
import { levelWordsFields, levelWordsForm, type LevelWordsInput } from './level-words-schema.ts';
import { saveLevelWords, stampOfWords } from './level-words-service.ts';
import type { LevelWordsPage } from './level-words-view.ts';

const ADDRESS = '/curate/search/levels';
const keepers = stateStaff('curator', 'lead', 'admin');

/** Which words mean which level when people search: the state's curators write them, and try them before they count. */
export function levelWordsRoutes(deps: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get(ADDRESS, keepers, async (_req, res) => {
    const { levels } = await readVocabularies(deps.pool);
    show(res, levels, { seen: stampOfWords(levels), q: '' });
  });

  routes.post(ADDRESS, keepers, async (req, res) => {
    const { do: pressed, seen, q } = parseForm(levelWordsForm, req.body);
    const vocabularies = await readVocabularies(deps.pool);
    const { levels } = vocabularies;
    try {
      const input = pressed === 'starter' ? noWords(levels) : wordsIn(req, levels);
      if (pressed === 'try') {
        const preview = { q, before: read(q, vocabularies), after: read(q, withWords(vocabularies, input)) };
        return show(res, levels, { seen, q, typed: req.body, preview });
      }
      await saveLevelWords(deps, viewerOf(res), { seen, levels: input }, originOf(req, res));
    } catch (error) {
      if (!(error instanceof PortalError) || ![409, 422].includes(error.status)) throw error;
      const first = `words-${levels[0]?.id ?? ''}`;
      const faults = error.faults.length > 0 ? error.faults : [{ field: first, key: error.key }];
      // What somebody else wrote stands beside what was typed once it is saved again: the stamp is today's.
      const stamp = error.status === 409 ? stampOfWords(levels) : seen;
      return show(res, levels, { seen: stamp, q, typed: req.body, faults, status: error.status });
    }
    flash(req, { kind: 'done', text: contextOf(res).t('levelWords.saved') });
    res.redirect(303, ADDRESS);
  });

  return routes.router;
}

const noWords = (levels: readonly Level[]): LevelWordsInput =>
  levels.map(({ id }) => ({ levelId: id, words: [] }));

function wordsIn(req: Request, levels: readonly Level[]): LevelWordsInput {
  const fields = parseForm(levelWordsFields(levels.map(({ id }) => id)), req.body);
  return levels.map(({ id }) => ({ levelId: id, words: fields[`words-${id}`] ?? [] }));
}

const withWords = (vocabularies: Vocabularies, input: LevelWordsInput): Vocabularies => ({
  ...vocabularies,
  levels: vocabularies.levels.map((level) => ({
    ...level,
    words: input.find(({ levelId }) => levelId === level.id)?.words ?? [],
  })),
});

/** The names of the levels that a query is read to ask for. */
function read(q: string, vocabularies: Vocabularies): string[] {
  const { readings } = readFilters(q, {
    phrases: phraseVocabulary(vocabularies, wordTables),
    tables: wordTables,
  });
  const meant = new Set(readings.filter(({ facet }) => facet === 'level').flatMap(({ values }) => values));
  return vocabularies.levels.filter(({ slug }) => meant.has(slug)).map(({ label }) => label);
}

function show(
  res: Response,
  levels: readonly Level[],
  form: Pick<LevelWordsPage, 'seen' | 'q'> & {
    /** The body of a form that comes back. */
    typed?: unknown;
    faults?: FieldFault[];
    status?: number;
    preview?: LevelWordsPage['preview'];
  },
): void {
  const { t } = contextOf(res);
  const { faults = [], preview = null, seen, q } = form;
  const meanings = levelMeanings(levels, wordTables);
  const typed = (form.typed ?? {}) as Record<string, unknown>;
  const props: LevelWordsPage = {
    levels: levels.map(({ id, slug, label, position, of }) => {
      const given = typed[`words-${id}`];
      return {
        id,
        sign: { slug, label, position, of },
        words: typeof given === 'string' ? given : wordsOfLevel(slug, meanings).join('\n'),
      };
    }),
    own: levels.some(({ words }) => words.length > 0),
    seen,
    actionUrl: ADDRESS,
    q,
    errors: fieldErrors(t, faults),
    preview,
  };
  page(res, 'curate/level-words', props, {
    title: t('levelWords.title'),
    status: form.status ?? 200,
    robots: 'none',
  });
}
