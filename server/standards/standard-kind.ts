/**
 * What the types of items (CFItemType, ASN statementLabel) say: a group only gathers what is below it, a standard is
 * something a student learns. Frameworks name their types freely; these are the names in use.
 */
const STANDARD_TYPES =
  'standard|component|expectation|competenc|indicator|objective|outcome|skill|element|benchmark|evidence';
const GROUP_TYPES =
  'domain|cluster|strand|level|grade|categor|topic|theme|claim|target|section|heading|course|subject|concept|core idea|unit';

const isStandardType = new RegExp(STANDARD_TYPES, 'i');
const isGroupType = new RegExp(GROUP_TYPES, 'i');

/** Whether an item gathers others or is a standard itself: by its type, or else by whether anything stands below it. */
export function kindOf(item: { itemType: string | null; childCount: number }): 'group' | 'standard' {
  if (item.itemType !== null && isStandardType.test(item.itemType)) return 'standard';
  if (item.itemType !== null && isGroupType.test(item.itemType)) return 'group';
  return item.childCount > 0 ? 'group' : 'standard';
}

/** The same as SQL on a row of `standard` under the given alias: true for a standard. */
export const isStandardSql = (alias: string): string =>
  `(CASE WHEN ${alias}.item_type ~* '${STANDARD_TYPES}' THEN true WHEN ${alias}.item_type ~* '${GROUP_TYPES}' THEN false ELSE ${alias}.child_count = 0 END)`;
