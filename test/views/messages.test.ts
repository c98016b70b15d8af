import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../server/lib/project-root.ts';
import en from '../../server/locale/en.json' with { type: 'json' };
import { translator } from '../../server/locale/locale.ts';

const keys = Object.keys(en);

const read = (folder: string, ending: string): { name: string; text: string }[] =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({
      name: `${folder}/${name}`,
      text: readFileSync(join(projectRoot, folder, name), 'utf8'),
    }));

const views = read('views', '.ejs');
const sources = [
  ...views,
  ...read('server', '.ts').filter(({ name }) => !name.includes('/generated/')),
  ...read('scripts', '.ts'),
];

/** Keys that are made from data, as patterns: `check.${status}` → /^check\..+$/. */
const madeKeys = sources.flatMap(({ text }) =>
  [...text.matchAll(/`([a-z][\w-]*(?:\.[\w-]+)*\.\$\{[^`]*)`/gi)].map(
    ([, made = '']) =>
      new RegExp(`^${made.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map(escapePattern).join('.+')}$`),
  ),
);

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('the words of the interface', () => {
  it('are there for every key that a view names', () => {
    const named = views.flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key = '']) => ({ name, key })),
    );
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ key }) => !keys.includes(key))).toEqual([]);
  });

  it('are all in use', () => {
    const everything = sources.map(({ text }) => text).join('\n');
    const unused = keys.filter(
      (key) => !everything.includes(`'${key}'`) && !madeKeys.some((pattern) => pattern.test(key)),
    );
    expect(unused).toEqual([]);
  });

  it('are plain: no exclamation marks, no “verify”, no markup', () => {
    const said = JSON.stringify(Object.values(en));
    expect(said).not.toMatch(/!|verif|<\/?(?:a|b|i|br|em|p|span|strong)\b/i);
  });

  it('stand in order, so that two people adding some rarely meet', () => {
    expect(keys).toEqual(keys.toSorted());
  });
});

describe('a translator', () => {
  const t = translator('en');

  it('chooses the plural form and writes numbers as people read them', () => {
    expect(t('resources.count', { count: 1 })).toBe('1 resource');
    expect(t('resources.count', { count: 41260 })).toBe('41,260 resources');
  });

  it('refuses a message that is missing something', () => {
    expect(() => t('resources.count')).toThrow('needs a number as "count"');
    expect(() => t('grade.one')).toThrow('needs "grade"');
    expect(() => t('no.such.key' as 'site.name')).toThrow('No message');
  });

  it('puts parameters in as they are, for the template to escape', () => {
    expect(t('grade.one', { grade: '$& <b>' })).toBe('Grade $& <b>');
  });
});

describe('templates', () => {
  it('print raw HTML only from a component or from what was cleaned', () => {
    const raw = views.flatMap(({ name, text }) =>
      [...text.matchAll(/<%-(?!\s*(?:include|safeHtml)\()[^%]*/g)].map(([found]) => `${name}: ${found}`),
    );
    expect(raw).toEqual([]);
  });

  it('hold no script and no style of their own', () => {
    for (const { name, text } of views) {
      expect(text, name).not.toMatch(/\sstyle=|\son\w+=|<style|javascript:/);
      if (name !== 'views/layout.ejs') expect(text, name).not.toContain('<script');
    }
  });
});
