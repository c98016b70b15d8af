import type { LevelSign } from '../vocabularies/vocabulary-view.ts';
import type { ResourceCard, ShelfItem } from './resource-view.ts';

/** A card as it stands on a shelf; `level` is the one it stands for there, else its only one. */
export function shelfItem(
  card: ResourceCard,
  { why = null, level }: { why?: ShelfItem['why']; level?: LevelSign | null } = {},
): ShelfItem {
  return {
    id: card.id,
    url: card.url,
    title: card.title,
    language: card.language,
    type: card.type,
    grades: card.grades,
    level: level === undefined ? (card.levels.length === 1 ? (card.levels[0] ?? null) : null) : level,
    minutes: card.minutes,
    authors: card.authors,
    organization: card.organization,
    check: card.check,
    used: card.used,
    thumb: card.thumb,
    kind: card.kind,
    why,
  };
}
