import { describe, expect, it } from 'vitest';
import { plainStatement } from '../../server/lib/plain-statement.ts';

describe('A statement as plain text', () => {
  it.each([
    ['x<sup>2</sup> and 10<sup>-3</sup>', 'x² and 10⁻³'],
    ['a<sup>x+y</sup>', 'a^(x+y)'],
    ['CO<sub>2</sub>', 'CO₂'],
    ['sounds:<ul> <li>single letters</li> <li>blends</li></ul>', 'sounds:\n• single letters\n• blends'],
    ['One.<br /><br /> Note: two.', 'One.\n\nNote: two.'],
    ['use >, =, and < signs', 'use >, =, and < signs'],
    ['3 < 5 and b>a', '3 < 5 and b>a'],
    ['  odd \t white\u00A0space \r\n\r\n\r\n here ', 'odd white space\n\nhere'],
    ['salt &amp; pepper', 'salt & pepper'],
    ['**bold** stays', '**bold** stays'],
    ['a\u0000b', 'ab'],
  ])('%j becomes %j', (text, plain) => {
    expect(plainStatement(text)).toBe(plain);
  });
});
