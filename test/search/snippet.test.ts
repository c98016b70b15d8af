import { describe, expect, it } from 'vitest';
import { snippetOf, stemsIn } from '../../server/search/snippet.ts';

const marked = (text: string, query: string): string =>
  snippetOf(text, stemsIn(query))
    .map((part) => (part.mark ? `[${part.text}]` : part.text))
    .join('');

describe('a snippet', () => {
  it('marks every form of the words, whatever their case and accents', () => {
    expect(marked('Équations: an equation, then two EQUATIONS.', `'equat' | 'equation':*`)).toBe(
      '[Équations]: an [equation], then two [EQUATIONS]',
    );
    expect(marked('Energetic pupils use energy.', `'energi' | 'energy'`)).toBe(
      '[Energetic] pupils use [energy]',
    );
  });

  it('does not mark a word that only begins alike', () => {
    expect(marked('The art of artificiality', `'art'`)).toBe('The [art] of artificiality');
  });

  it('is cut from where most of the words stand together', () => {
    const filler = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ');
    const text = `Effect first. ${filler} The Doppler effect is heard when a train passes. ${filler}`;
    const snippet = marked(text, `'doppler' | 'effect'`);
    expect(snippet).toContain('The [Doppler] [effect] is heard');
    expect(snippet.split(' ').length).toBeLessThanOrEqual(28);
  });

  it('begins with the text where no word of it fits, and is empty for none', () => {
    expect(marked('Nothing of the kind here', `'doppler'`)).toBe('Nothing of the kind here');
    expect(marked(' … ', `'doppler'`)).toBe('');
  });

  it('takes quotes and signs in a query as they are meant', () => {
    expect(stemsIn(`'o''clock' & 'back\\\\slash':A & '@shelf_es'`).map(({ text }) => text)).toEqual([
      `o'clock`,
      'back\\slash',
    ]);
  });
});
