import { describe, expect, it } from 'vitest';
import { formats } from '../../server/locale/format.ts';
import { translator } from '../../server/locale/locale.ts';
import { pager } from '../../server/web/pager.ts';

const fmt = formats('en', translator('en'));

describe('formats', () => {
  it('draw neighboring grades together, in school order', () => {
    expect(fmt.grades([])).toBe('');
    expect(fmt.grades(['K'])).toBe('Kindergarten');
    expect(fmt.grades(['4'])).toBe('Grade 4');
    expect(fmt.grades(['4', '3', 'K', '1', '2'])).toBe('Grades K–4');
    expect(fmt.grades(['12', 'PK', '3'])).toBe('Grades Pre-K, 3, and 12');
    expect(fmt.grades(['nonsense'])).toBe('');
  });

  it('say sizes as people know them', () => {
    expect(fmt.bytes(1)).toBe('1 byte');
    expect(fmt.bytes(1024)).toBe('1 KB');
    expect(fmt.bytes(1023 * 1024)).toBe('1 MB');
    expect(fmt.bytes(2202009)).toBe('2.1 MB');
    expect(fmt.bytes(1073741824)).toBe('1 GB');
  });

  it('say how long something takes', () => {
    expect(fmt.minutes(45)).toBe('45 minutes');
    expect(fmt.minutesShort(45)).toBe('45 min');
    expect(fmt.minutes(150)).toBe('2.5 hours');
    expect(fmt.minutesShort(480)).toBe('8 class hours');
  });

  it('say in one line what a license lets others do', () => {
    const license = {
      code: 'x',
      adaptable: true,
      credit: true,
      shareAlike: false,
      nonCommercial: false,
      open: true,
    };
    expect(fmt.license(license)).toBe('change it and share it, with credit');
    expect(fmt.license({ ...license, credit: false })).toBe('do what you like with it');
    expect(fmt.license({ ...license, shareAlike: true, nonCommercial: true })).toMatch(
      /not for sale, under the same license/,
    );
    expect(fmt.license({ ...license, adaptable: false })).toBe('use it as it is, with credit');
    expect(fmt.license({ ...license, adaptable: false, open: false })).toMatch(/this state’s classrooms/);
    expect(fmt.license({ ...license, code: 'unknown', adaptable: false, open: false })).toMatch(/^ask/);
  });

  it('name a language in that language, and give back what nobody knows', () => {
    expect(fmt.language('es')).toBe('español');
    expect(fmt.language('!')).toBe('!');
  });
});

describe('a pager', () => {
  const pages = (page: number, of: number) =>
    pager(page, of, (number) => `?page=${number}`)?.slots.map((slot) => slot.page ?? '…');

  it('is not there for one page', () => {
    expect(pager(1, 1, String)).toBeNull();
    expect(pager(1, 0, String)).toBeNull();
  });

  it('always shows the first and the last page in at most seven slots', () => {
    expect(pages(2, 3)).toEqual([1, 2, 3]);
    expect(pages(1, 90)).toEqual([1, 2, 3, 4, 5, '…', 90]);
    expect(pages(45, 90)).toEqual([1, '…', 44, 45, 46, '…', 90]);
    expect(pages(90, 90)).toEqual([1, '…', 86, 87, 88, 89, 90]);
  });

  it('has nothing before the first page and nothing after the last', () => {
    expect(pager(1, 9, String)?.previousUrl).toBeNull();
    expect(pager(9, 9, String)?.nextUrl).toBeNull();
    expect(pager(2, 9, String)).toMatchObject({ previousUrl: '1', nextUrl: '3' });
  });
});
