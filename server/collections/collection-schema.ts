import { z } from 'zod';
import { id, line, text } from '../web/parse.ts';
import { COLLECTION_VISIBILITIES, type CollectionVisibility } from './collection-policy.ts';

/** So many items a collection holds, what a rule pins and leaves out counted. */
export const MOST_ITEMS = 500;
export const MOST_SECTIONS = 50;
export const MOST_EDITORS = 30;
/** So many collections a person makes. */
export const MOST_COLLECTIONS = 500;
export const LONGEST = { title: 150, description: 5000, note: 1000, section: 120 } as const;

export const collectionParams = z.object({ id });
export const itemParams = z.object({ id, resource: id });
export const sectionParams = z.object({ id, section: id });
export const editorParams = z.object({ id, person: id });

/** The key in an address that was shared. */
const key = z.string().max(100).optional().catch(undefined);
export const keyQuery = z.object({ key });
export const showQuery = z.object({ key, page: z.coerce.number().int().min(1).max(100).catch(1) });

const visibility = z.enum(COLLECTION_VISIBILITIES as [CollectionVisibility, ...CollectionVisibility[]]);
const revision = z.coerce.number().int().min(0).catch(0);

export const newForm = z.object({
  title: line(LONGEST.title).default(''),
  description: text(LONGEST.description).default(''),
  visibility: visibility.catch('private'),
});

export const detailsForm = z.object({
  title: line(LONGEST.title).default(''),
  description: text(LONGEST.description).default(''),
  visibility: visibility.optional().catch(undefined),
  cover: z.union([id, z.literal('')]).catch(''),
  revision,
});

/** A note, and what its form's button did beside keeping it. */
export const itemForm = z.object({
  do: z.enum(['save', 'up', 'down', 'first', 'last', 'to', 'place', 'remove', 'pin', 'out']).catch('save'),
  note: text(LONGEST.note).optional(),
  section: z
    .union([id, z.literal('')])
    .optional()
    .catch(undefined),
  before: z
    .union([id, z.literal('')])
    .optional()
    .catch(undefined),
  revision,
});

export const sectionForm = z.object({
  do: z.enum(['save', 'up', 'down', 'remove']).catch('save'),
  title: line(LONGEST.section).default(''),
  revision,
});

/** An id, or any address of a resource's page. */
export const addForm = z.object({
  resource: z
    .string()
    .max(2000)
    .default('')
    .transform(
      (value) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(value)?.[0]?.toLowerCase() ?? '',
    ),
});

export const addToForm = z.object({
  collection: z.union([id, z.literal('new'), z.literal('')]).catch(''),
  title: line(LONGEST.title).default(''),
  note: text(LONGEST.note).default(''),
});

export const editorForm = z.object({ email: line(254).default('') });
export const linkForm = z.object({ do: z.enum(['renew', 'end']).catch('renew') });
export const featureForm = z.object({ do: z.enum(['on', 'off', 'up', 'down']).catch('on') });
