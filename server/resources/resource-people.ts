import type { ResourceFacts } from './resource-policy.ts';

/** Owner and co-authors: who is told what happens to a resource. */
export const authorsOf = ({
  ownerId,
  coAuthorIds,
}: Pick<ResourceFacts, 'ownerId' | 'coAuthorIds'>): string[] => [
  ...(ownerId === null ? [] : [ownerId]),
  ...coAuthorIds,
];
