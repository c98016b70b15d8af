import { beforeAll, describe, expect, it } from 'vitest';
import { findStandardsInText, resolveCode } from '../../server/standards/code-queries.ts';
import { testDatabase } from '../support/database.ts';
import { addScale, demoFrameworks, loadFrameworks } from '../support/standards-database.ts';

const { pool } = await testDatabase();

beforeAll(async () => {
  await addScale(pool);
  await loadFrameworks(pool, ...demoFrameworks());
});

describe('Where only the state’s own frameworks are, a code of Common Core', () => {
  it.each([
    ['4.NF.A.2', 'DS.MATH.4.NF.2'],
    ['CCSS.Math.Content.4.NF.A.2', 'DS.MATH.4.NF.2'],
    ['math 4 NF A 2', 'DS.MATH.4.NF.2'],
    ['4nfa2', 'DS.MATH.4.NF.2'],
    ['CCSS.ELA-Literacy.RI.4.5', 'DS.ELA.4.RI.5'],
  ])('written %j finds what has its numbers', async (written, code) => {
    expect((await resolveCode(pool, written))[0]?.code).toBe(code);
    const { codes } = await findStandardsInText(pool, `worksheet ${written} partners`);
    expect(codes[0]?.found[0]?.code).toBe(code);
  });

  it.each(['4.NF.A.77', '4.ZZ.A.2', 'CCSS.ELA-Literacy.RI.4.99'])(
    '%j, which has no such standard, finds nothing',
    async (written) => {
      expect(await resolveCode(pool, written)).toEqual([]);
    },
  );
});
