import type { MessageKey } from '../locale/locale.ts';

/** What a notice of one kind says and where it leads. The sentence is the message `notice.<kind>`. */
interface NoticeFacts {
  /** The part of the resource's page that it leads to; a path in `detail.url` goes before. */
  part?: string;
  /** Mailed within a minute to everybody who gets mails at all, whatever rhythm they set. */
  urgent?: true;
  /** Details whose values are words of the interface: the key of the message that stands in the sentence. */
  words?: Record<string, (value: string | number) => string>;
  /**
   * For what isn't about a resource: SQL over `n` (the notice), `$1` (the receiver) and `$2` (the keys they hold),
   * true while they may still see what it is about.
   */
  visible?: string;
}

const flagWords = (value: string | number): string => `flag.kind.${value}`;
const outcomeWords = (value: string | number): string => `flag.outcome.${value}`;

const collectionIsSeen = `EXISTS (SELECT 1 FROM collection c WHERE c.id = (n.detail->>'id')::uuid AND c.audience && $2::text[])`;

const facts = {
  'check.checked': { part: 'standards' },
  'check.returned': { part: 'standards' },
  'check.withdrawn': {},
  'check.answered': {},
  'check.disputed': {},
  'check.settled': { part: 'standards' },
  'comment.new': { part: 'voices' },
  'comment.removed': { part: 'voices' },
  'question.new': { part: 'voices' },
  'question.answered': { part: 'voices' },
  'flag.raised': { words: { flag: flagWords } },
  'flag.urgent': { urgent: true, words: { flag: flagWords } },
  'flag.held': { urgent: true, words: { flag: flagWords } },
  'flag.decided': { words: { outcome: outcomeWords } },
  'flag.answered': { words: { outcome: outcomeWords } },
  'takedown.lifted': {},
  'resource.purged': {},
  'handed.toYou': { visible: 'true' },
  'handed.fromYou': { visible: 'true' },
  'collection.editor': { visible: collectionIsSeen },
  'collection.closed': { visible: collectionIsSeen },
  'call.made': {},
  'call.answered': {},
  'call.closed': {},
  'call.accepted': {},
  'call.refused': {},
  'call.expired': {},
} as const satisfies Record<string, NoticeFacts>;

export type NoticeKind = keyof typeof facts;

/** Every kind of notice, by name. */
export const noticeKinds: Record<NoticeKind, NoticeFacts> = facts;

/** Whether a stored kind is one that this portal still knows. */
export const isNoticeKind = (kind: string): kind is NoticeKind => Object.hasOwn(facts, kind);

/** The message with the sentence of a kind. */
export const noticeKey = (kind: NoticeKind): MessageKey => `notice.${kind}`;
