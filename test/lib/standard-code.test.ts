import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCodesInText, pickCodes } from '../../server/lib/code-finder.ts';
import {
  codeAliases,
  codeFits,
  commonCodePrefix,
  normCode,
  shortCode,
} from '../../server/lib/standard-code.ts';

/** Small frameworks with neighbours that must never be mistaken for one another. */
const frameworks: Record<string, string[]> = {
  ccss: [
    'CCSS.Math.Content.3.NF.A',
    'CCSS.Math.Content.3.NF.A.1',
    'CCSS.Math.Content.3.NF.A.2',
    'CCSS.Math.Content.3.NF.A.2a',
    'CCSS.Math.Content.3.NF.A.3',
    'CCSS.Math.Content.3.NF.A.3a',
    'CCSS.Math.Content.3.NF.A.3b',
    'CCSS.Math.Content.4.NF.A.1',
    'CCSS.Math.Content.6.RP.A.1',
    'CCSS.Math.Content.6.RP.A.2',
    'CCSS.Math.Content.7.RP.A.1',
    'CCSS.Math.Content.2.MD.D.10',
    'CCSS.Math.Content.2.MD.A.1',
    'CCSS.Math.Content.5.G.A.1',
    'CCSS.Math.Content.K.CC.A.1',
    'CCSS.Math.Content.HSA-APR.D.7',
    'CCSS.Math.Content.HSA-APR.A.1',
    'CCSS.Math.Content.HSF-IF.C.7b',
    'CCSS.Math.Practice.MP1',
    'CCSS.Math.Practice.MP2',
  ],
  ela: [
    'CCSS.ELA-Literacy.RL.3.1',
    'CCSS.ELA-Literacy.RL.3.10',
    'CCSS.ELA-Literacy.RI.3.1',
    'CCSS.ELA-Literacy.W.5.2c',
    'CCSS.ELA-Literacy.RST.11-12.3',
    'CCSS.ELA-Literacy.CCRA.R.1',
  ],
  ngss: ['MS-PS1-2', 'MS-PS1-1', 'HS-PS1-2', '2-PS1-2', 'K-2-ETS1-1', '3-5-ETS1-1', 'PS2.A', 'K-LS1-1'],
  teks: ['111.26(b)(4)(A)', '111.26(b)(4)(B)', '111.27(b)(4)(A)', '112.6(b)(4)(A)'],
  demo: ['DS.MATH.4.NF.2', 'DS.MATH.4.NF.1', 'DS.MATH.5.NF.2', 'DS.MATH.K.CC.1'],
  demoEla: ['DS.ELA.RL.4.2', 'DS.ELA.RI.4.2'],
  civics: ['5.1.12.A', '5.11.2.A', '5.1.3.A'],
  dc: ['PK.LD-D.1.', '12.LD-Q.4.', 'AI.P.9.'],
};

const catalog = Object.values(frameworks).flatMap((codes) => {
  const prefix = commonCodePrefix(codes);
  return codes.map((code) => ({ code, aliases: codeAliases(code, prefix) }));
});
const known = new Map<string, { code: string }[]>();
for (const { code, aliases } of catalog) {
  for (const alias of aliases) known.set(alias, [...(known.get(alias) ?? []), { code }]);
}

/** What a search for this text would filter by. */
function meant(text: string): string[] {
  return pickCodes(findCodesInText(text), known)
    .codes.flatMap(({ found }) => found.map(({ code }) => code))
    .sort();
}

const spellings: [string, string | string[]][] = [
  ['6.RP.A.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6rpa1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6-RP-1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6.RP.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6rp1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6.rp.a.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6 RP A 1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6_RP_A_1', 'CCSS.Math.Content.6.RP.A.1'],
  ['6.RP.A.1.', 'CCSS.Math.Content.6.RP.A.1'],
  ['6–RP–A–1', 'CCSS.Math.Content.6.RP.A.1'],
  ['(6.RP.A.1)', 'CCSS.Math.Content.6.RP.A.1'],
  ['"6.RP.A.1"', 'CCSS.Math.Content.6.RP.A.1'],
  ['６.ＲＰ.Ａ.１', 'CCSS.Math.Content.6.RP.A.1'],
  ['6.RP.A.1 ratio tables', 'CCSS.Math.Content.6.RP.A.1'],
  ['ratio tables 6.RP.A.1, please', 'CCSS.Math.Content.6.RP.A.1'],
  ['lesson for 6rp1 with pictures', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSS.Math.Content.6.RP.A.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['ccss.math.content.6.rp.a.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSS.MATH.CONTENT.6.RP.A.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSS Math Content 6 RP A 1', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSS.Math.6.RP.A.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSS 6.RP.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['CCSSM 6.RP.A.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['Math.6.RP.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['math 6.rp.1', 'CCSS.Math.Content.6.RP.A.1'],
  ['http://corestandards.org/Math/Content/6/RP/A/1', 'CCSS.Math.Content.6.RP.A.1'],
  ['http://www.corestandards.org/Math/Content/6/RP/A/1/', 'CCSS.Math.Content.6.RP.A.1'],
  ['7.RP.A.1', 'CCSS.Math.Content.7.RP.A.1'],
  ['CCSS.Math.Content.3.NF.A.1', 'CCSS.Math.Content.3.NF.A.1'],
  ['3 NF 1', 'CCSS.Math.Content.3.NF.A.1'],
  ['3.NF.1', 'CCSS.Math.Content.3.NF.A.1'],
  ['3nf1', 'CCSS.Math.Content.3.NF.A.1'],
  ['3.NF.A', 'CCSS.Math.Content.3.NF.A'],
  ['3.NF.A.2', 'CCSS.Math.Content.3.NF.A.2'],
  ['3.NF.A.2a', 'CCSS.Math.Content.3.NF.A.2a'],
  ['3.NF.2a', 'CCSS.Math.Content.3.NF.A.2a'],
  ['3.NF.A.3.a', 'CCSS.Math.Content.3.NF.A.3a'],
  ['3.NF.3b', 'CCSS.Math.Content.3.NF.A.3b'],
  ['3 NF 1 a lesson on unit fractions', 'CCSS.Math.Content.3.NF.A.1'],
  ['2.MD.10', 'CCSS.Math.Content.2.MD.D.10'],
  ['2.MD.1', 'CCSS.Math.Content.2.MD.A.1'],
  ['5.G.1', 'CCSS.Math.Content.5.G.A.1'],
  ['5 G 1', 'CCSS.Math.Content.5.G.A.1'],
  ['K.CC.1', ['CCSS.Math.Content.K.CC.A.1', 'DS.MATH.K.CC.1']],
  ['k-cc-a-1', 'CCSS.Math.Content.K.CC.A.1'],
  ['A.APR.7', 'CCSS.Math.Content.HSA-APR.D.7'],
  ['A-APR.D.7', 'CCSS.Math.Content.HSA-APR.D.7'],
  ['HSA-APR.D.7', 'CCSS.Math.Content.HSA-APR.D.7'],
  ['HSA.APR.7', 'CCSS.Math.Content.HSA-APR.D.7'],
  ['F-IF.7b', 'CCSS.Math.Content.HSF-IF.C.7b'],
  ['hsf-if.c.7b', 'CCSS.Math.Content.HSF-IF.C.7b'],
  ['MP.1', 'CCSS.Math.Practice.MP1'],
  ['SMP 1', 'CCSS.Math.Practice.MP1'],
  ['MP 2', 'CCSS.Math.Practice.MP2'],
  ['Math.Practice.MP2', 'CCSS.Math.Practice.MP2'],
  ['RL.3.1', 'CCSS.ELA-Literacy.RL.3.1'],
  ['rl 3.1', 'CCSS.ELA-Literacy.RL.3.1'],
  ['RL.3.10', 'CCSS.ELA-Literacy.RL.3.10'],
  ['3.RL.1', 'CCSS.ELA-Literacy.RL.3.1'],
  ['ELA-Literacy.RL.3.1', 'CCSS.ELA-Literacy.RL.3.1'],
  ['CCSS.ELA-LITERACY.RI.3.1', 'CCSS.ELA-Literacy.RI.3.1'],
  ['Literacy.W.5.2c', 'CCSS.ELA-Literacy.W.5.2c'],
  ['W.5.2.c', 'CCSS.ELA-Literacy.W.5.2c'],
  ['RST.11-12.3', 'CCSS.ELA-Literacy.RST.11-12.3'],
  ['CCRA.R.1', 'CCSS.ELA-Literacy.CCRA.R.1'],
  ['MS-PS1-2', 'MS-PS1-2'],
  ['ms ps1 2', 'MS-PS1-2'],
  ['MS.PS1.2', 'MS-PS1-2'],
  ['msps1-2', 'MS-PS1-2'],
  ['NGSS MS-PS1-2', 'MS-PS1-2'],
  ['NGSS.MS-PS1-2', 'MS-PS1-2'],
  ['MS‑PS1‑2', 'MS-PS1-2'],
  ['HS-PS1-2', 'HS-PS1-2'],
  ['K-2-ETS1-1', 'K-2-ETS1-1'],
  ['3-5-ETS1-1 design', '3-5-ETS1-1'],
  ['PS2.A', 'PS2.A'],
  ['TEKS 111.26(b)(4)(A)', '111.26(b)(4)(A)'],
  ['111.26(b)(4)(A)', '111.26(b)(4)(A)'],
  ['111.26.b.4.A', '111.26(b)(4)(A)'],
  ['111.26 (b) (4) (A)', '111.26(b)(4)(A)'],
  ['19 TAC §111.26(b)(4)(A)', '111.26(b)(4)(A)'],
  ['TEKS 111.27(b)(4)(A).', '111.27(b)(4)(A)'],
  ['DS.MATH.4.NF.2', 'DS.MATH.4.NF.2'],
  ['ds.math.4.nf.2', 'DS.MATH.4.NF.2'],
  ['DS 4.NF.2', 'DS.MATH.4.NF.2'],
  ['math.4.nf.2', 'DS.MATH.4.NF.2'],
  ['4.NF.2', 'DS.MATH.4.NF.2'],
  ['4nf2', 'DS.MATH.4.NF.2'],
  ['4.NF.1', ['CCSS.Math.Content.4.NF.A.1', 'DS.MATH.4.NF.1']],
  ['RL.4.2', 'DS.ELA.RL.4.2'],
  ['ela RL.4.2', 'DS.ELA.RL.4.2'],
  ['5.1.12.A', '5.1.12.A'],
  ['5.11.2.A', '5.11.2.A'],
  ['5 1 12 A', '5.1.12.A'],
  ['5.1.3.A', '5.1.3.A'],
  ['PK.LD-D.1', 'PK.LD-D.1.'],
  ['pk ld d 1', 'PK.LD-D.1.'],
  ['12.LD-Q.4.', '12.LD-Q.4.'],
  ['3.NF.1 and 3.NF.2', ['CCSS.Math.Content.3.NF.A.1', 'CCSS.Math.Content.3.NF.A.2']],
  ['3.NF.1,3.NF.2;3.NF.3', ['A.1', 'A.2', 'A.3'].map((tail) => `CCSS.Math.Content.3.NF.${tail}`)],
];

describe('A code in any spelling', () => {
  it.each(spellings)('%j finds exactly what it names', (text, expected) => {
    expect(meant(text)).toEqual([expected].flat());
  });

  it.each([
    '6.RP.A.9',
    '8.RP.A.1',
    '3.NF.B.1',
    '3.NF.11',
    '3.NF.A.2c',
    'MS-PS1-22',
    'MS-PS11-2',
    'TEKS 111.26(b)(4)(C)',
    'TEKS 11.126(b)(4)(A)',
    'DS.MATH.4.NF.22',
    'DS.MATH.44.NF.2',
    'RL.31.0',
    '51.1.2.A',
    '5.112.A.1',
  ])('%j finds none of its neighbours, and is named as unknown', (text) => {
    const picked = pickCodes(findCodesInText(`games ${text} groups`), known);
    expect(picked.codes).toEqual([]);
    expect(picked.unknown.map((one) => one.text)).toEqual([text]);
  });

  it.each([
    'fractions',
    'grade 3 fractions',
    'grades 3-5',
    'K-2 science',
    '9-12',
    'chapter 4 test',
    'mp3 of a song',
    'unit 1 a lesson',
    'the 3 little pigs',
    'World War 2',
    '1/2 + 1/4',
    '3.14',
    '2024-25 school year',
    'H2O and CO2',
    'U.S.A. history',
    'e.g. plants',
    'DOK 3',
    '8 1/2 x 11 poster',
    '20 minutes',
  ])('%j is words, not a code', (text) => {
    const picked = pickCodes(findCodesInText(text), known);
    expect(picked).toEqual({ codes: [], unknown: [] });
  });

  it('says where the code stands, so that the rest can be searched as words', () => {
    const text = 'number line games (3.NF.A.2), please';
    const [only] = pickCodes(findCodesInText(text), known).codes;
    expect(text.slice(only?.candidate.start, only?.candidate.end)).toBe('3.NF.A.2');
  });

  it('takes a GUID, in capitals or braces too', () => {
    const guid = '5b6c487e-04f1-5ba9-9722-d099849b9167';
    for (const text of [guid, guid.toUpperCase(), `{${guid}}`, `plants ${guid}`]) {
      expect(findCodesInText(text).filter(({ kind }) => kind === 'guid')).toMatchObject([{ norm: guid }]);
    }
  });

  it('takes no longer than it must for a text of ten thousand characters', () => {
    const started = performance.now();
    findCodesInText('3.NF.1 '.repeat(2000));
    findCodesInText('a'.repeat(10_000));
    findCodesInText('('.repeat(10_000));
    findCodesInText('1.'.repeat(5000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('The norm of a code', () => {
  it('has only a-z and 0-9, and norming it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const norm = normCode(text);
        expect(norm).toMatch(/^[a-z0-9]*$/);
        expect(normCode(norm)).toBe(norm);
      }),
    );
  });

  it('is blind to case and to whatever stands between the parts', () => {
    const separator = fc.constantFrom('.', '-', '–', ' ', '_', '/', ':', '(', ')', '\u00A0', '');
    fc.assert(
      fc.property(
        fc.constantFrom(...catalog),
        fc.array(separator, { minLength: 12, maxLength: 12 }),
        fc.boolean(),
        ({ code, aliases }, separators, lower) => {
          const written = code
            .split(/[.\-() ]+/)
            .map((part, index) => part + (separators[index] ?? ''))
            .join('');
          expect(aliases[0]).toBe(normCode(lower ? written.toLowerCase() : written.toUpperCase()));
        },
      ),
    );
  });
});

describe('Aliases', () => {
  it('begin with the full code and repeat nothing', () => {
    for (const { code, aliases } of catalog) {
      expect(aliases[0]).toBe(normCode(code));
      expect(new Set(aliases).size).toBe(aliases.length);
    }
  });

  it('are never shared by two standards of one framework', () => {
    for (const [name, codes] of Object.entries(frameworks)) {
      const prefix = commonCodePrefix(codes);
      const seen = new Map<string, string>();
      for (const code of codes) {
        for (const alias of codeAliases(code, prefix)) {
          const other = seen.get(alias);
          expect(
            other === undefined || !codeFits(code, other),
            `${name}: ${alias} is ${other} and ${code}`,
          ).toBe(true);
          seen.set(alias, code);
        }
      }
    }
  });

  it('stay few, whatever the code', () => {
    fc.assert(
      fc.property(fc.string(), (code) => {
        const aliases = codeAliases(code, ['DS', 'MATH']);
        expect(aliases.length).toBeLessThanOrEqual(40);
        expect(aliases.every((alias) => /^[a-z0-9]+$/.test(alias))).toBe(true);
      }),
    );
  });

  it.each([
    ['CCSS.Math.Content.3.NF.A.1', '3.NF.A.1'],
    ['CCSS.ELA-Literacy.RL.3.1', 'RL.3.1'],
    ['MS-PS1-2', 'MS-PS1-2'],
    ['PK.LD-D.1.', 'PK.LD-D.1'],
    ['111.26(b)(4)(A)', '111.26(b)(4)(A)'],
  ])('make %s short as %s', (code, short) => {
    expect(shortCode(code)).toBe(short);
  });

  it('leave out what all codes of a framework begin with, but never a grade', () => {
    expect(commonCodePrefix(frameworks['demo'] ?? [])).toEqual(['DS', 'MATH']);
    expect(commonCodePrefix(['MS-PS1-1', 'MS-PS1-2'])).toEqual([]);
    expect(commonCodePrefix(['3.NF.A.1', '3.NF.A.2'])).toEqual([]);
    expect(commonCodePrefix(['DS.MATH.4.NF.2'])).toEqual([]);
    expect(shortCode('DS.MATH.4.NF.2', ['DS', 'MATH'])).toBe('4.NF.2');
  });
});
