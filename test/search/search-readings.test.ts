import { load } from 'cheerio';
import request from 'supertest';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../../server/search/indexer.ts';
import { seedCatalog } from '../support/catalog.ts';
import { testApp } from '../support/app.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { app, deps } = await testApp(database);

beforeAll(async () => {
  const catalog = await seedCatalog(database.pool);
  const rows = catalog.resources.map(({ key }) => ({ resource_id: catalog.id(key) }));
  await deps.search.first.apply(await batchOf(database.pool, rows));
});

interface Answer {
  total: number;
  hits: { title: string; grades: string[]; type: string | null }[];
  understood: {
    q: string;
    filters: { text: string; parameter: string; values: string[] }[];
    as_words: { text: string; parameter: string; values: string[] }[];
  };
}
const api = async (query: Record<string, string | string[]>): Promise<Answer> =>
  (await request(app).get('/api/v1/resources').query(query).expect(200)).body as Answer;
const page = async (query: Record<string, string | string[]>) =>
  load((await request(app).get('/search').query(query).expect(200)).text);
/** The parts that the page says it has read: its sentence, the chip, and where its two links lead. */
const readings = ($: Awaited<ReturnType<typeof page>>) =>
  $('.read-as > .chips')
    .has('.chip.read')
    .map((_, line) => ({
      said: $(line).find('> span').first().text(),
      chip: $(line).find('.chip').clone().find('.sr').remove().end().text().trim(),
      drop: $(line).find('.chip').attr('href'),
      words: $(line).find('> a').not('.chip').first().attr('href'),
    }))
    .get();

describe('words that name a filter', () => {
  it('find the same as the filter does, on the page and in the API', async () => {
    const read = await api({ q: 'fractions 4th grade' });
    const filtered = await api({ q: 'fractions', grade: '4' });
    expect(read.total).toBe(filtered.total);
    expect(read.hits.map(({ title }) => title)).toEqual(filtered.hits.map(({ title }) => title));
    expect(read.hits.every(({ grades }) => grades.includes('4'))).toBe(true);
    expect(read.understood).toMatchObject({
      q: 'fractions',
      filters: [{ text: '4th grade', parameter: 'grade', values: ['4'] }],
      as_words: [],
    });
    const $ = await page({ q: 'fractions 4th grade' });
    expect($('ol.hits > li')).toHaveLength(read.total);
  });

  it('are told on the page, each with a link that drops it and one that keeps the words', async () => {
    expect(readings(await page({ q: 'fractions quiz 4th grade' }))).toEqual([
      {
        said: 'We read “quiz” as a kind of resource:',
        chip: 'Assessment',
        drop: '/search?q=fractions+4th+grade',
        words: '/search?q=fractions+quiz+4th+grade&words=quiz',
      },
      {
        said: 'We read “4th grade” as a grade:',
        chip: 'Grade 4',
        drop: '/search?q=fractions+quiz',
        words: '/search?q=fractions+quiz+4th+grade&words=4th+grade',
      },
    ]);
  });

  it('stay words where the address says so, one by one, and the forms carry that on', async () => {
    const $ = await page({ q: 'compare quiz for 4th  grade', words: 'QUIZ' });
    expect(readings($).map(({ chip }) => chip)).toEqual(['Grade 4']);
    expect($('form.sort input[name=words]').attr('value')).toBe('quiz');
    const other = await page({ q: 'compare quiz for 4th  grade', words: '4TH-grade' });
    expect($('form.sort input[name=words]').length + other('form.sort input[name=words]').length).toBe(2);
    expect(other('form.sort input[name=words]').attr('value')).toBe('4th grade');
    const both = await page({ q: 'fractions quiz 4th grade', words: ['quiz', '4th grade'] });
    expect(readings(both)).toEqual([]);
    expect((await api({ q: 'quiz', read: 'words' })).understood.filters).toEqual([]);
  });

  it('leave out of the address what the query does not say', async () => {
    const $ = await page({ q: 'fractions', words: ['science', '4th grade'] });
    expect(
      $('form.sort input[type=hidden]')
        .map((_, field) => $(field).attr('name'))
        .get(),
    ).toEqual(['q']);
  });

  it('join the values of the address: any of them', async () => {
    const both = await api({ q: 'fractions 4th grade', grade: '5' });
    const filtered = await api({ q: 'fractions', grade: ['4', '5'] });
    expect(both.total).toBe(filtered.total);
  });

  it('are read beside a code', async () => {
    const answer = await api({ q: '4.NF.2 quiz' });
    expect(answer.hits.map(({ type }) => type)).toEqual(['assessment']);
    expect(answer.understood).toMatchObject({ q: '', filters: [{ parameter: 'type' }] });
  });

  it('are never read in quotes or after a minus', async () => {
    for (const q of ['"4th grade" fractions', 'fractions -quiz', '"4.NF.2"'])
      expect((await api({ q })).understood, q).toMatchObject({ filters: [], standards: [] });
  });

  it('are words again when they would leave nothing, and the page says so', async () => {
    const answer = await api({ q: 'magnets 12th grade' });
    expect(answer.total).toBeGreaterThan(0);
    expect(answer.understood).toMatchObject({
      filters: [],
      as_words: [{ text: '12th grade', parameter: 'grade', values: ['12'] }],
    });
    const $ = await page({ q: 'magnets 12th grade' });
    expect($('.read-as').text()).toMatch(/Nothing fits when we read this as Grade 12.*12th grade/s);
  });

  it('stay filters when the words find nothing either, and the page leads on', async () => {
    const answer = await api({ q: 'zzqxv preschool' });
    expect(answer.total).toBe(0);
    expect(answer.understood.filters).toMatchObject([{ parameter: 'grade' }]);
    const $ = await page({ q: 'zzqxv media hora' });
    expect($('h1').text()).toContain('Nothing');
    expect(
      $('ul.index a')
        .map((_, link) => $(link).attr('href'))
        .get(),
    ).toContain('/search?q=media+hora');
  });

  it('are understood with a list that has changed a moment ago', async () => {
    expect((await api({ q: 'fractions podcast' })).understood.filters).toEqual([]);
    await database.pool.query(
      `INSERT INTO resource_type (slug, name, position) VALUES ('podcast', 'Podcast', 90)`,
    );
    await database.pool.query(
      `UPDATE version SET type = 'podcast' WHERE id = (SELECT version_id FROM version_topic JOIN topic t ON t.id = topic_id WHERE t.slug = 'fractions' LIMIT 1)`,
    );
    const understood = (await api({ q: 'podcast -fractions' })).understood;
    const tried = [...understood.filters, ...understood.as_words];
    expect(tried).toMatchObject([{ text: 'podcast', values: ['podcast'] }]);
  });
});
