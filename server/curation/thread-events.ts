import { renderMarkdown } from '../lib/markdown.ts';
import type { ThreadEvent } from './check-view.ts';
import type { threadOf } from './thread-queries.ts';

/** Decisions and messages as one conversation, oldest first. */
export function threadEvents({ checks, messages }: Awaited<ReturnType<typeof threadOf>>): ThreadEvent[] {
  return [
    ...checks.map((check): ThreadEvent => ({
      kind: 'check',
      id: check.id,
      person: check.person,
      for: check.for,
      on: new Date(check.on),
      outcome: check.outcome,
      settles: check.settles,
      version: check.number,
      text: renderMarkdown(check.note),
      alignments: check.alignments.map((one) => ({
        tab: {
          guid: one.guid,
          code: one.code,
          statement: one.statement,
          url: `/standards/${one.guid}`,
          retired: false,
        },
        fit: one.fit,
        level: one.level,
        note: one.note,
      })),
      rubric: check.rubric,
      ratings: check.ratings,
    })),
    ...messages.map((message): ThreadEvent => ({
      kind: message.kind,
      id: message.id,
      person: message.person,
      staff: message.staff,
      on: new Date(message.on),
      text: renderMarkdown(message.text),
    })),
  ].sort((a, b) => a.on.getTime() - b.on.getTime());
}
