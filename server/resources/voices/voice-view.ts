import { renderMarkdown } from '../../lib/markdown.ts';
import type { SafeHtml } from '../../lib/safe-html.ts';
import { isEducator, type Viewer } from '../../lib/viewer.ts';
import type { FieldError, HiddenField, Option } from '../../web/page-parts.ts';
import { isStaffOver, type ResourceFacts } from '../resource-policy.ts';
import { canChangeVoice, canFlagVoice, canReadVoice, canRemoveVoice } from './voice-policy.ts';
import type { VoiceFacts, VoiceKind, VoiceRow } from './voice-queries.ts';

/** Something that an educator said about a resource. */
export interface Voice {
  id: string;
  kind: VoiceKind;
  person: string;
  organization: string;
  byAuthor: boolean;
  mine: boolean;
  on: Date;
  edited: boolean;
  /** 1 to 5. */
  rating: number | null;
  /** Said of an older version; null: of the one that is shown, or not known. */
  version: number | null;
  /** Null: deleted or removed. */
  html: SafeHtml | null;
  /** `hidden`: a flag is open, only its writer and staff see it. */
  state: 'shown' | 'hidden' | 'deleted' | 'removed';
  /** Why staff removed it; for its writer. */
  reason: string | null;
  editUrl: string | null;
  flagUrl: string | null;
  removeUrl: string | null;
  /** POST `body`, `key`. */
  answerUrl: string | null;
  answers: Voice[];
}

/** What teachers say, on the page of a resource. */
export interface VoiceSection {
  /** Null: fewer than five have rated it. */
  rating: { mean: number; people: number } | null;
  uses: Voice[];
  questions: Voice[];
  comments: Voice[];
  /** POST `kind`, `body`, `key`; null: for educators only. */
  form: { url: string; key: string } | null;
}

/** `resources/voice`: a comment, question, answer or note to be written, changed, deleted or removed. */
export interface VoicePage {
  what: 'new' | 'answer' | 'edit' | 'use' | 'remove';
  resource: { title: string; url: string; language: string };
  /** What is answered or removed. */
  about: { person: string; html: SafeHtml | null } | null;
  actionUrl: string;
  /** POST deletes one's own. */
  deleteUrl: string | null;
  hidden: HiddenField[];
  /** Where a rating goes with it. */
  ratings: Option[] | null;
  /** The one field, by the name that it is sent under. */
  field: 'body' | 'note' | 'reason';
  value: string;
  longest: number;
  errors: FieldError[];
}

/** What the viewer may read of what was said, with what they may do about it. */
export function voiceSection(
  viewer: Viewer,
  resource: ResourceFacts,
  facts: VoiceFacts,
  { number, key }: { number: number; key: string },
): VoiceSection {
  const shown = facts.voices.flatMap((row) => {
    const voice = voiceOf(viewer, resource, row, number);
    return voice ? [{ row, voice }] : [];
  });
  // Answers are read from the first to the last, all else from the newest.
  for (const { row, voice } of shown.toReversed())
    if (row.question_id) shown.find((other) => other.row.id === row.question_id)?.voice.answers.push(voice);
  const of = (kind: VoiceKind) => shown.filter(({ row }) => row.kind === kind).map(({ voice }) => voice);
  return {
    rating: facts.rating === null ? null : { mean: facts.rating, people: facts.raters },
    uses: of('use'),
    questions: of('question').filter(
      (question) => question.html !== null || question.answers.length > 0 || question.reason !== null,
    ),
    comments: of('comment'),
    form: isEducator(viewer) ? { url: `/resources/${resource.id}/voices`, key } : null,
  };
}

function voiceOf(viewer: Viewer, resource: ResourceFacts, row: VoiceRow, number: number): Voice | null {
  const mine = row.person_id === viewer.id;
  const gone = row.removed ? 'removed' : row.deleted ? 'deleted' : null;
  const facts = { writerId: row.person_id, flagged: row.flagged, gone } as const;
  const open = canReadVoice(viewer, resource, facts);
  // Of what is gone, its writer learns why; a question that was answered keeps its place.
  if (!open && !(mine && gone === 'removed') && !(gone !== null && row.kind === 'question')) return null;
  const base = `/voices/${row.id}`;
  return {
    id: row.id,
    kind: row.kind,
    person: row.person,
    organization: row.organization,
    byAuthor: resource.ownerId === row.person_id || resource.coAuthorIds.includes(row.person_id),
    mine,
    on: new Date(row.on),
    edited: row.edited,
    rating: row.rating,
    version: row.version !== null && row.version !== number ? row.version : null,
    html: open ? renderMarkdown(row.body) : null,
    state: gone ?? (row.flagged ? 'hidden' : 'shown'),
    reason: gone === 'removed' && (mine || isStaffOver(viewer, resource)) ? row.removed_reason : null,
    editUrl: canChangeVoice(viewer, resource, facts) ? `${base}/edit` : null,
    flagUrl: canFlagVoice(viewer, resource, facts) ? `${base}/flag` : null,
    removeUrl: canRemoveVoice(viewer, resource, facts) ? `${base}/remove` : null,
    answerUrl: open && row.kind === 'question' ? `${base}/answers` : null,
    answers: [],
  };
}
