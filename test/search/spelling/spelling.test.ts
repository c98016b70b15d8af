import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestSpelling } from '../../../server/search/spelling/best-spelling.ts';
import { respelled, soundKeys } from '../../../server/search/spelling/sound-keys.ts';

/** Words of school that stand close to one another. */
const written =
  'physics rhythm photosynthesis geography quiz knowledge psychology phonics aquarium scientist chemistry geometry fraction fractions division ecosystem vocabulary parachute elephant syllable algebra multiplication grammar square habitat night knight note knife rough through bridge neighbor weight measure picture volcano islands column autumn fission fusion plot plant planet rhyme rhymes force forces celula gente cuerpo fotosintesis ecuacion guerra lluvia hoja caballo leccion quimica fisica musica historia'.split(
    ' ',
  );
const common = new Set(['photosynthesis', 'night', 'fraction']);
const all = written.map((word) => ({ word, docs: common.has(word) ? 9 : 5 }));
/** As the database does it: words that share a key. */
const alike = (typed: string) =>
  all.filter(({ word }) => soundKeys(word).some((key) => soundKeys(typed).includes(key)));

describe('a word spelled by ear', () => {
  it.each([
    ['fizics', 'physics'],
    ['fisiks', 'physics'],
    ['rithm', 'rhythm'],
    ['rythm', 'rhythm'],
    ['fotosinthesis', 'photosynthesis'],
    ['photosinthisis', 'photosynthesis'],
    ['jeografy', 'geography'],
    ['geografy', 'geography'],
    ['kwiz', 'quiz'],
    ['sykology', 'psychology'],
    ['fonics', 'phonics'],
    ['akwarium', 'aquarium'],
    ['sientist', 'scientist'],
    ['kemistry', 'chemistry'],
    ['jeometry', 'geometry'],
    ['frakshun', 'fraction'],
    ['divizion', 'division'],
    ['ekosistem', 'ecosystem'],
    ['vokabulary', 'vocabulary'],
    ['elefant', 'elephant'],
    ['silable', 'syllable'],
    ['multiplacation', 'multiplication'],
    ['gramer', 'grammar'],
    ['zelula', 'celula'],
    ['jente', 'gente'],
    ['kuerpo', 'cuerpo'],
    ['ekuasion', 'ecuacion'],
    ['yuvia', 'lluvia'],
    ['kimica', 'quimica'],
  ])('%s is read as %s', (typed, meant) => {
    expect(bestSpelling(typed, alike(typed))?.word).toBe(meant);
  });

  it('is not read as a word that only begins like it, or has the same consonants', () => {
    expect(bestSpelling('balloons', [{ word: 'balance', docs: 9 }])).toBeNull();
    for (const typed of ['fotos', 'plait', 'zzqxv', 'xyz', 'lingua'])
      expect(bestSpelling(typed, alike(typed))?.word ?? null, typed).toBeNull();
  });

  it('is read as what sounds the same before a slip of the finger', () => {
    expect(bestSpelling('fractoins', all)?.word).toBe('fractions');
    expect(bestSpelling('nite', all)?.word).toBe('night');
  });

  it('is the commonest of those that are as near', () => {
    const two = [
      { word: 'force', docs: 3 },
      { word: 'forcs', docs: 1 },
      { word: 'forms', docs: 90 },
    ];
    expect(bestSpelling('forcx', two)?.word).toBe('force');
  });
});

describe('sounds', () => {
  it('of other scripts and of very short words are not known', () => {
    for (const word of ['физика', '物理', 'فيزياء', 'ab', 'año', 'x2y', ''])
      expect(soundKeys(word)).toEqual([]);
  });

  it('are the same for a word and itself, and written in plain letters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3,20}$/), (word) => {
        expect(bestSpelling(word, [{ word, docs: 1 }])?.word).toBe(word);
        expect(respelled(word)).toMatch(/^[a-z]*$/);
        expect(soundKeys(word).length).toBeGreaterThan(0);
      }),
    );
  });
});
