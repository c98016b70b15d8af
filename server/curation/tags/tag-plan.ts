import { licensesForAdaptation, type LicenseTerms } from '../../lib/license-arithmetic.ts';
import { hasRoleOver, type Viewer } from '../../lib/viewer.ts';
import { CURATORS } from '../curators.ts';
import type { TagClaim, TagFacts } from './tag-facts.ts';
import type { TagField, TagMode } from './tag-kinds.ts';

/**
 * What is to be set. `value`: of one-valued fields one slug or code; of lists all of them (topics by id); `level` the id
 * of a level; `standard` a GUID and, where one is given, the id of a level.
 */
export interface TagWish {
  field: TagField;
  mode: TagMode;
  value: string[];
}

/** A value before or after: of a list all values; of `level` the ids of what has none, `own` for the resource itself. */
export type TagValue = string | null | string[];

/** Why a resource is left as it is. */
export type Refusal = 'gone' | 'notYours' | 'sourceLicense' | 'checked' | 'changedSince';

export type TagPlan =
  | { outcome: 'change'; before: TagValue; after: TagValue }
  | { outcome: 'same'; before: TagValue }
  | { outcome: 'refuse'; reason: Refusal; before: TagValue };

/** Stands for the resource itself among what gets a level. */
export const OWN = 'own';

/**
 * What a wish comes to for one resource.
 * @param viewer in whose name; refused where they don't curate
 * @param licenses all of the state's
 */
export function planTags(
  facts: TagFacts | undefined,
  wish: TagWish,
  viewer: Viewer,
  licenses: readonly LicenseTerms[],
): TagPlan {
  if (!facts || facts.state !== 'published') return { outcome: 'refuse', reason: 'gone', before: null };
  const before = valueNow(facts, wish);
  const over = { id: facts.organizationId, districtId: facts.districtId };
  if (!hasRoleOver(viewer, over, ...CURATORS)) return { outcome: 'refuse', reason: 'notYours', before };
  switch (wish.field) {
    case 'level':
      return planLevel(facts, before, wish);
    case 'standard':
      return { outcome: sameClaim(facts.claims, wish) ? 'same' : 'change', before, after: wish.value };
    case 'grade':
    case 'subject':
    case 'topic':
      return planList(facts.current[wish.field], wish);
    default:
      return planOne(facts, wish.field, wish, licenses);
  }
}

/** What stands there now, in the shape of `before`. */
function valueNow(facts: TagFacts, { field, value }: TagWish): TagValue {
  if (field === 'level') return withoutLevel(facts, value[0] ?? '');
  if (field === 'standard') return facts.claims.map(({ guid }) => guid);
  return facts.current[field];
}

function planOne(
  facts: TagFacts,
  field: 'license' | 'type' | 'setting' | 'language',
  { mode, value }: TagWish,
  licenses: readonly LicenseTerms[],
): TagPlan {
  const before = facts.current[field];
  const after = value[0] ?? null;
  const empty = before === null || (field === 'license' && before === 'unknown');
  if (before === after || (mode === 'fill' && !empty)) return { outcome: 'same', before };
  if (field === 'license' && facts.sourceLicense && after !== null) {
    const allowed = licensesForAdaptation(facts.sourceLicense, licenses);
    if (!allowed.includes(after)) return { outcome: 'refuse', reason: 'sourceLicense', before };
  }
  return { outcome: 'change', before, after };
}

function planList(before: string[], { mode, value }: TagWish): TagPlan {
  if (mode === 'fill' && before.length > 0) return { outcome: 'same', before };
  const after = mode === 'add' ? [...new Set([...before, ...value])] : value;
  return sameSet(before, after) ? { outcome: 'same', before } : { outcome: 'change', before, after };
}

function planLevel(facts: TagFacts, before: TagValue, { value }: TagWish): TagPlan {
  if (Array.isArray(before) && before.length > 0)
    return { outcome: 'change', before, after: value[0] ?? null };
  // Whoever checked an alignment without a level says at which one it holds, not a change of many.
  const onlyChecked = facts.claims.some(({ levelId, checked }) => levelId === null && checked);
  return onlyChecked ? { outcome: 'refuse', reason: 'checked', before } : { outcome: 'same', before };
}

/** Alignments that would get the level; `own` for a resource without any. */
function withoutLevel({ claims, current }: TagFacts, levelId: string): string[] {
  if (claims.length === 0) return current.levels.length === 0 ? [OWN] : [];
  const twin = (claim: TagClaim): boolean =>
    claims.some(
      (other) => other.guid === claim.guid && other.relation === claim.relation && other.levelId === levelId,
    );
  return claims.filter((one) => one.levelId === null && !one.checked && !twin(one)).map(({ id }) => id);
}

const sameClaim = (claims: readonly TagClaim[], { value: [guid, level] }: TagWish): boolean =>
  claims.some(
    (claim) => claim.guid === guid && claim.relation === 'teaches' && (claim.levelId ?? '') === (level ?? ''),
  );

/** Whether two lists have the same values. */
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

/** Whether two values before or after are the same. */
export const sameValue = (a: TagValue, b: TagValue): boolean =>
  Array.isArray(a) && Array.isArray(b) ? sameSet(a, b) : a === b;
