import { GRADES } from '../../lib/grade.ts';
import { licensesForAdaptation } from '../../lib/license-arithmetic.ts';
import type { PersonalData } from '../../lib/personal-data.ts';
import type { Finding } from '../finding-view.ts';
import type { AutoFacts } from './facts-queries.ts';

/** More standards than anybody teaches in one lesson. */
const MANY = 8;
/** Fewer letters than this can't be searched in, nor read aloud. */
const LITTLE = 200;
const TEXTLESS = new Set([
  'image',
  'png',
  'jpg',
  'jpeg',
  'gif',
  'webp',
  'svg',
  'mp3',
  'm4a',
  'wav',
  'ogg',
  'mp4',
  'webm',
]);

type Twin = { id: string; why: 'file' | 'link' | 'title' };

/** What the portal has to say about a version, one finding a respect; respects that don't apply are left out. */
export function judge(
  facts: AutoFacts,
  twins: readonly Twin[],
  students: readonly PersonalData[],
): Finding[] {
  return [
    ...files(facts),
    ...text(facts),
    ...link(facts),
    ...license(facts),
    ...alignments(facts),
    ...duplicates(twins),
    ...studentData(facts, students),
  ];
}

function files({ files: all }: AutoFacts): Finding[] {
  if (all.length === 0) return [];
  const kind = 'files';
  const named = (key: string, found: AutoFacts['files'], severity: Finding['severity']): Finding[] =>
    found.length > 0
      ? [{ kind, severity, detail: { key, params: { count: found.length, name: found[0]?.name ?? '' } } }]
      : [];
  const infected = all.filter(({ scan_state: scan }) => scan === 'infected');
  const broken = all.filter((file) => file.text_state === 'failed' || file.preview_state === 'failed');
  const closed = all.filter(({ scan_state: scan }) => scan === 'quarantined' || scan === 'unscannable');
  const [worst] = [
    ...named('infected', infected, 'stop'),
    ...named('broken', broken, 'warn'),
    ...named('closed', closed, 'hint'),
  ];
  return [worst ?? { kind, severity: 'good', detail: { key: 'open', params: { count: all.length } } }];
}

function text({ files: all, own_letters: own, url }: AutoFacts): Finding[] {
  const readable = all.filter((file) => !TEXTLESS.has(file.kind));
  if (readable.length === 0) return [];
  const letters = own + readable.reduce((sum, file) => sum + Number(file.letters), 0);
  const without = readable.filter((file) => Number(file.letters) === 0);
  if (without.length > 0)
    return [
      {
        kind: 'text',
        severity: 'warn',
        detail: { key: 'none', params: { count: without.length, name: without[0]?.name ?? '' } },
      },
    ];
  return letters < LITTLE && url === null
    ? [{ kind: 'text', severity: 'hint', detail: { key: 'little' } }]
    : [{ kind: 'text', severity: 'good', detail: { key: 'there' } }];
}

function link({ url, link: known }: AutoFacts): Finding[] {
  if (url === null) return [];
  const severity = { works: 'good', unclear: 'hint', failing: 'warn', dead: 'stop' } as const;
  return known === null
    ? [{ kind: 'link', severity: 'hint', detail: { key: 'unasked' } }]
    : [{ kind: 'link', severity: severity[known.state], detail: { key: known.state } }];
}

function license({ license: own, source }: AutoFacts): Finding[] {
  if (own === null || own.code === 'unknown')
    return [{ kind: 'license', severity: 'warn', detail: { key: 'unknown' } }];
  if (source === null) return [];
  return licensesForAdaptation(source.license, [own]).includes(own.code)
    ? [
        {
          kind: 'license',
          severity: 'good',
          detail: { key: 'fits', params: { source: source.license.code } },
        },
      ]
    : [
        {
          kind: 'license',
          severity: 'stop',
          detail: { key: 'wrong', params: { own: own.code, source: source.license.code } },
        },
      ];
}

function alignments({ alignments: all, grades }: AutoFacts): Finding[] {
  const kind = 'alignments';
  const standards = new Set(all.map(({ code }) => code));
  if (all.length === 0) return [{ kind, severity: 'hint', detail: { key: 'none' } }];
  if (standards.size > MANY)
    return [{ kind, severity: 'warn', detail: { key: 'many', params: { count: standards.size } } }];
  const far = all.find((one) => gradesApart(one.grades, grades) > 1);
  if (far) return [{ kind, severity: 'warn', detail: { key: 'grade', params: { code: far.code } } }];
  return all.some(({ level }) => !level)
    ? [{ kind, severity: 'hint', detail: { key: 'noLevel' } }]
    : [{ kind, severity: 'good', detail: { key: 'plausible', params: { count: standards.size } } }];
}

/** How many grades lie between the nearest of two lists; 0 where either says nothing. */
function gradesApart(a: readonly string[], b: readonly string[]): number {
  const places = (grades: readonly string[]) =>
    grades.map((grade) => (GRADES as readonly string[]).indexOf(grade)).filter((place) => place >= 0);
  const apart = places(a).flatMap((one) => places(b).map((other) => Math.abs(one - other)));
  return apart.length === 0 ? 0 : Math.min(...apart);
}

const duplicates = (twins: readonly Twin[]): Finding[] =>
  twins.length === 0
    ? []
    : [
        {
          kind: 'duplicates',
          severity: twins[0]?.why === 'title' ? 'hint' : 'warn',
          detail: { key: twins[0]?.why ?? 'title', ids: twins.map(({ id }) => id) },
        },
      ];

function studentData({ no_student_data: said }: AutoFacts, found: readonly PersonalData[]): Finding[] {
  const [first] = found;
  if (!first) return [];
  return [
    {
      kind: 'students',
      severity: 'stop',
      detail: { key: said ? `${first.kind}Said` : first.kind, params: { sample: first.sample } },
    },
  ];
}
