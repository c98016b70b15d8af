import { z } from 'zod';
import { GRADES } from '../lib/grade.ts';
import { FACETS } from '../search/search-port.ts';
import type { FacetName } from '../search/search-view.ts';

/** What the API says of resources. The routes answer with these shapes, and a test holds real answers against them. */

const said = (description: string) => ({ description });
const time = z.iso.datetime().meta(said('UTC.'));
const checkStatus = z
  .enum(['claimed', 'in_check', 'checked', 'disputed', 'returned'])
  .meta(said('Claimed by its author; in check; checked; disputed; returned to its author.'));

const alignment = z
  .object({
    guid: z.uuid().meta(said('The standard’s GUID (CASE identifier).')),
    code: z.string(),
    level: z.string().nullable().meta(said('Slug of the competency level.')),
    relation: z.enum(['teaches', 'assesses', 'requires', 'related']),
    status: checkStatus,
  })
  .meta({ id: 'Alignment', description: 'A standard that the resource claims, at one competency level.' });

const snippetPart = z.object({ text: z.string(), mark: z.boolean() });

/** Fields that a hit and a whole resource share. */
const summary = {
  id: z.uuid(),
  external_id: z.string().nullable().meta(said('Id in the district’s own system, where it was imported.')),
  source: z.string().meta(said('Which of the district’s systems that id belongs to.')),
  title: z.string(),
  url: z.url().meta(said('Its page.')),
  link: z.url().nullable().meta(said('Where the resource itself is a link.')),
  summary: z.string().nullable(),
  type: z.string().nullable(),
  subjects: z.array(z.string()),
  grades: z.array(z.enum(GRADES)),
  levels: z.array(z.string()),
  standards: z.array(z.string()).meta(said('Codes of the aligned standards.')),
  alignments: z.array(alignment),
  topics: z.array(z.string()).meta({ description: 'Paths.', examples: [['Mathematics > Fractions']] }),
  license: z.string().meta(said('“unknown”: ask before you reuse.')),
  language: z.string(),
  district: z.string().nullable().meta(said('Slug; null for the state’s own.')),
  organization: z.string().meta(said('Name of the school or district it belongs to.')),
  authors: z.string(),
  minutes: z.int().nullable(),
  setting: z.string().nullable(),
  visibility: z.enum(['public', 'state', 'district', 'school']),
  checked: z.enum(['state', 'district']).nullable().meta(said('Who checked it; null while nobody has.')),
  check_status: checkStatus,
  used: z.int().meta(said('How many people pressed “I used this”.')),
  file_count: z.int().meta(said('How many files it has that you may see.')),
  published_at: time,
  thumbnail: z.url().nullable(),
};

/** What every answer says of a resource. */
export const resourceSummary = z.object(summary).meta({ id: 'ResourceSummary' });

const hit = z
  .object({
    ...summary,
    snippet: z.string().nullable().meta(said('Text around the words, where they were found inside.')),
    found: z
      .object({
        file: z.string().nullable().meta(said('Name of the file; null for the description.')),
        page: z.int().nullable(),
        url: z.url(),
        parts: z.array(snippetPart).meta(said('The snippet; marked where the words are.')),
      })
      .nullable(),
  })
  .meta({ id: 'Hit' });

const facetValue = z
  .object({
    value: z.string().meta(said('What the parameter of the same name takes.')),
    label: z.string(),
    count: z.int().meta(said('Distinct resources. A facet’s own filter does not narrow it.')),
    parent: z.string().optional().meta(said('The value above it, in a tree (standards, topics).')),
  })
  .meta({ id: 'FacetValue' });

const readAs = z.object({
  text: z.string(),
  standards: z.array(z.object({ guid: z.uuid(), code: z.string() })),
});

const readFilter = z.object({
  text: z.string().meta(said('As typed. As a value of `words` it is searched for as words.')),
  parameter: z.enum(FACETS).meta(said('The parameter whose values it was read as.')),
  values: z.array(z.string()),
});

const understood = z
  .object({
    q: z.string().meta(said('The words that were searched for.')),
    standards: z.array(readAs).meta(said('What was read as a code, and what it means.')),
    filters: z.array(readFilter).meta(said('Words that were read as filters.')),
    as_words: z
      .array(readFilter)
      .meta(said('Words that were not read as filters, because that would have left nothing.')),
    unknown: z
      .array(z.object({ text: z.string(), near: z.array(z.string()) }))
      .meta(said('What looks like a code and is none, with near ones.')),
    corrected: z
      .array(z.object({ typed: z.string(), used: z.string() }))
      .meta(said('Words that nobody has written, and what was searched for instead.')),
    preferred: z
      .array(readFilter)
      .meta(
        said('Words that were read as filters of which little fits: what fits comes first, others follow.'),
      ),
    relaxed: z.boolean().meta(said('Nothing, or little, has all the words: some of these hits have some.')),
  })
  .meta({ id: 'Understood' });

/** `GET /api/v1/resources`. */
export const searchResults = z
  .object({
    total: z.int(),
    page: z.int(),
    pages: z.int(),
    facets: z.object(
      Object.fromEntries(FACETS.map((facet) => [facet, z.array(facetValue)])) as Record<
        FacetName,
        z.ZodArray<typeof facetValue>
      >,
    ),
    hits: z.array(hit),
    understood,
    took_ms: z.number().meta(said('Milliseconds that the search engine took.')),
    engine: z.enum(['postgres', 'meilisearch']),
  })
  .meta({ id: 'SearchResults' });

const relative = z.object({
  id: z.uuid().nullable().meta(said('Null for one that is not open to you.')),
  title: z.string().nullable(),
  url: z.url().nullable(),
});

const file = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.string().meta(said('Media type.')),
    bytes: z.int(),
    pages: z.int().nullable(),
    educators_only: z.boolean().meta(said('Answer keys and the like: only for those who are signed in.')),
    state: z
      .enum(['ready', 'waiting', 'refused', 'unscannable'])
      .meta(
        said('Waiting for the virus check, refused by it, or closed because it can’t look into the file.'),
      ),
    url: z.url().nullable().meta(said('The download.')),
    text_url: z.url().nullable().meta(said('Its text, page by page.')),
    preview: z.url().nullable().meta(said('An image of its first page.')),
  })
  .meta({ id: 'File' });

/** `GET /api/v1/resources/:id`. */
export const resourceRecord = z
  .object({
    ...summary,
    version: z.int(),
    description: z.string().meta(said('Markdown.')),
    keywords: z.array(z.string()),
    publisher: z.string().nullable(),
    credit: z.string().nullable().meta(said('Whom an adaptation names.')),
    license_name: z.string().nullable(),
    license_url: z.url().nullable(),
    alignments: z.array(alignment.extend({ statement: z.string(), framework: z.string(), uri: z.string() })),
    files: z.array(file),
    versions: z.array(
      z.object({ number: z.int(), published_at: time, note: z.string().nullable(), url: z.url() }),
    ),
    lineage: z.object({
      adapted_from: z.array(relative).meta(said('From the first source to the nearest.')),
      adaptations: z.array(relative).meta(said('The most used ones.')),
      adaptation_count: z.int(),
    }),
    translations: z.array(z.object({ id: z.uuid(), title: z.string(), language: z.string(), url: z.url() })),
    links: z.object({ self: z.url(), page: z.url(), zip: z.url().nullable() }),
  })
  .meta({ id: 'Resource' });
