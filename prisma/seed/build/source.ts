import { z } from 'zod';

/** File kinds the builder can make from a part. */
const FORMATS = ['pdf', 'docx', 'pptx', 'png', 'txt', 'csv', 'xlsx'] as const;
const TYPES = [
  'lesson',
  'activity',
  'assessment',
  'exit-ticket',
  'worksheet',
  'project',
  'unit',
  'slides',
  'video',
  'text',
  'game',
  'lab',
  'reference',
] as const;
const GRADES = ['PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'] as const;

const file = z.strictObject({
  name: z.string().regex(/^[\w.-]+\.\w+$/, 'a file name of letters, digits, dots and hyphens'),
  format: z.enum(FORMATS),
  part: z.string().min(1),
  educators_only: z.boolean().default(false),
});

const alignment = z.strictObject({
  code: z.string().min(1),
  level: z.enum(['emerging', 'developing', 'proficient', 'extending']).optional(),
  relation: z.string().optional(),
  checked: z.enum(['state', 'district', 'partly', 'disputed']).optional(),
});

const frontMatter = z.strictObject({
  external_id: z.string().regex(/^[\w.:-]+$/),
  title: z.string().min(5).max(160),
  summary: z.string().min(20).max(400),
  type: z.enum(TYPES),
  subjects: z.array(z.string()).min(1),
  grades: z.array(z.enum(GRADES)).min(1),
  topics: z.array(z.string().min(1)).default([]),
  alignments: z.array(alignment).default([]),
  license: z.string(),
  language: z.enum(['en', 'es']),
  minutes: z.number().int().positive().optional(),
  setting: z.enum(['whole-class', 'small-group', 'one-on-one', 'independent', 'home', 'lab']).optional(),
  visibility: z.enum(['public', 'state', 'district', 'school']),
  owner: z.email(),
  school: z.string(),
  keywords: z.array(z.string()).default([]),
  url: z.url({ protocol: /^https?$/ }).optional(),
  adapted_from: z.string().optional(),
  files: z.array(file).default([]),
  versions: z.array(z.strictObject({ note: z.string().min(1) })).optional(),
  uses: z.number().int().nonnegative().default(0),
  published_days_ago: z.number().int().nonnegative(),
});

export type FrontMatter = z.infer<typeof frontMatter>;
export type SourceFile = z.infer<typeof file>;

/** A catalog source, read: its metadata, its notes for the page, and the Markdown bodies of its file parts. */
export interface Source extends FrontMatter {
  description: string;
  /** Bodies by part and version number (1 = oldest). A part without an older body keeps its current one. */
  body: (part: string, version: number) => string;
  /** Whether that part had a body of its own in that version, different from the current one. */
  hasOwnBody: (part: string, version: number) => boolean;
  /** How many published versions there are; the last is the current one. */
  versionCount: number;
}

/**
 * Reads one catalog file (JSON front matter, `# description`, `=== part: name [@version]` sections).
 * Throws an Error that names the file for anything amiss: metadata, a part without a file, a file without a part.
 */
export function parseSource(text: string, name: string): Source {
  const fail = (why: string): never => {
    throw new Error(`${name}: ${why}`);
  };
  const match = /^---json\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  if (!match) return fail('must start with ---json, metadata, ---');
  let json: unknown;
  try {
    json = JSON.parse(match[1] ?? '');
  } catch (error) {
    return fail(`the metadata are not JSON: ${(error as Error).message}`);
  }
  const parsed = frontMatter.safeParse(json);
  if (!parsed.success) return fail(z.prettifyError(parsed.error));
  const meta = parsed.data;
  const versionCount = meta.versions?.length ?? 1;

  const [before = '', ...sections] = (match[2] ?? '').split(/^=== part: */m);
  const description = before.replace(/^\s*# description[^\n]*\n/i, '').trim();
  if (description.length < 40) fail('the # description is missing or too short');
  const bodies = new Map<string, string>();
  for (const section of sections) {
    const [, part = '', version = '', body = ''] =
      /^([\w-]+)(?:[ \t]+@(\d+))?[ \t]*\r?\n([\s\S]*)$/.exec(section) ?? [];
    if (!part) fail(`a part line isn't understood: ${section.slice(0, 40)}`);
    const key = version ? `${part}@${version}` : part;
    if (bodies.has(key)) fail(`part ${key} is there twice`);
    if (version && Number(version) >= versionCount)
      fail(`part ${key}: there are only ${versionCount} versions`);
    bodies.set(key, body.trim());
  }
  checkParts(meta, bodies, fail);
  return {
    ...meta,
    description,
    versionCount,
    body: (part, version) => bodies.get(`${part}@${version}`) ?? bodies.get(part) ?? '',
    hasOwnBody: (part, version) => bodies.has(`${part}@${version}`),
  };
}

function checkParts(meta: FrontMatter, bodies: Map<string, string>, fail: (why: string) => never): void {
  if (meta.files.length === 0 && !meta.url) fail('needs files or a url');
  const used = new Set(meta.files.map((entry) => entry.part));
  for (const entry of meta.files) {
    if (!bodies.get(entry.part)) fail(`${entry.name} wants part "${entry.part}", which is missing or empty`);
    if (!entry.name.endsWith(`.${entry.format}`)) fail(`${entry.name} is not named .${entry.format}`);
  }
  for (const key of bodies.keys()) {
    if (!used.has(key.split('@')[0] ?? '')) fail(`part "${key}" is used by no file`);
  }
  const names = meta.files.map((entry) => entry.name.toLowerCase());
  if (new Set(names).size !== names.length) fail('two files have the same name');
}
