import type { FrameworkRow } from './standard-queries.ts';
import type { FrameworkCard } from './standard-view.ts';

/** A framework as lists show it. */
export function frameworkCard(row: FrameworkRow, resources: number): FrameworkCard {
  return {
    guid: row.guid,
    title: row.title,
    url: `/standards/${row.slug}`,
    publisher: row.publisher ?? (row.creator || null),
    subject: row.subject,
    year: /\b(?:19|20)\d\d\b/.exec(row.version ?? '')?.[0] ?? null,
    standards: row.standards,
    resources,
    status: statusOf(row.adoptionStatus),
  };
}

/** CASE's adoption status in three: what is neither a draft nor gone counts as adopted. */
export function statusOf(adoption: string | null): FrameworkCard['status'] {
  if (adoption !== null && /deprecat|retired|withdrawn|superseded|archived/i.test(adoption)) return 'retired';
  return adoption !== null && /draft|private/i.test(adoption) ? 'draft' : 'adopted';
}
