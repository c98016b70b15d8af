import type { ResourceDetails } from './resource-page-queries.ts';
import type { ResourceCard } from './resource-view.ts';

/**
 * A resource as schema.org JSON-LD with LRMI's `teaches`/`assesses` (DefinedTerm) and, for older harvesters, the
 * same alignments as `educationalAlignment` (AlignmentObject).
 */
export function resourceJsonLd(input: {
  card: ResourceCard;
  details: ResourceDetails;
  baseUrl: string;
}): object {
  const { card, details, baseUrl } = input;
  const address = baseUrl + card.url;
  const terms = (relation: 'teaches' | 'assesses') =>
    details.alignments
      .filter((row) => row.relation === relation)
      .map((row) => ({
        '@type': 'DefinedTerm',
        '@id': row.uri,
        termCode: row.code,
        inDefinedTermSet: row.framework_uri,
        url: `${baseUrl}/standards/${row.guid}`,
      }));
  return omitEmpty({
    '@context': 'https://schema.org',
    '@type': ['CreativeWork', 'LearningResource'],
    '@id': `${baseUrl}/resources/${card.id}`,
    url: address,
    name: card.title,
    description: card.summary,
    inLanguage: card.language,
    learningResourceType: card.type?.label,
    educationalLevel: card.grades.map((grade) =>
      /^\d/.test(grade) ? `Grade ${grade}` : grade === 'K' ? 'Kindergarten' : 'Pre-K',
    ),
    about: card.subjects.map((subject) => subject.label),
    keywords: details.keywords,
    timeRequired: card.minutes ? `PT${card.minutes}M` : undefined,
    author: card.authors ? { '@type': 'Person', name: card.authors } : undefined,
    provider: { '@type': 'Organization', name: card.organization.label },
    publisher: details.publisher ? { '@type': 'Organization', name: details.publisher } : undefined,
    license: details.license?.url,
    isAccessibleForFree: true,
    version: details.number,
    datePublished: details.versions.at(-1)?.published_at,
    dateModified: details.published_at.toISOString(),
    isBasedOn: details.from.filter((row) => row.visible).map((row) => `${baseUrl}/resources/${row.id}`),
    thumbnailUrl: card.thumb ? baseUrl + card.thumb.url : undefined,
    encoding: details.files
      .filter((file) => !file.educators_only)
      .map((file) => ({
        '@type': 'MediaObject',
        name: file.name,
        encodingFormat: file.mime.replace(/;.*/, ''),
        contentSize: String(file.bytes),
        contentUrl: `${baseUrl}/files/${file.id}/${encodeURIComponent(file.name)}`,
      })),
    teaches: terms('teaches'),
    assesses: terms('assesses'),
    educationalAlignment: details.alignments.map((row) => ({
      '@type': 'AlignmentObject',
      alignmentType: row.relation === 'related' ? 'educationalSubject' : row.relation,
      educationalFramework: row.framework,
      targetName: row.code,
      targetUrl: row.uri,
    })),
  });
}

const omitEmpty = (object: Record<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
