/** What can be wrong; student data and somebody's safety hide at once what they are about. */
export const FLAG_KINDS = [
  'wrong_key',
  'broken',
  'not_mine',
  'unsuitable',
  'student_data',
  'safety',
] as const;
export type FlagKind = (typeof FLAG_KINDS)[number];

/** What can be wrong with a comment. */
export const VOICE_FLAG_KINDS = ['unsuitable', 'student_data', 'safety'] as const satisfies FlagKind[];

/** Whether a resource is hidden while such a flag is open; a comment is hidden by every kind. */
export const isUrgent = (kind: FlagKind): boolean => kind === 'student_data' || kind === 'safety';
