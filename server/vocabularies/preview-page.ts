import type { Translate } from '../locale/locale.ts';
import type { WaitingChange } from './admin-queries.ts';
import type { AdminChangePage, AdminPreviewPage } from './admin-view.ts';
import { TERM_LISTS } from './term-plan.ts';
import type { ChangePlan, VocabularyKind } from './vocabulary-change.ts';
import { isMany, type AskedChange } from './vocabulary-service.ts';

/** The page of the list that a value is in. */
export const homeOf = (kind: VocabularyKind): string =>
  kind === 'topic' ? '/admin/topics' : `/admin/${TERM_LISTS[kind].path}`;
const listOf = (kind: VocabularyKind): 'topics' | 'subjects' | 'types' | 'settings' =>
  kind === 'topic' ? 'topics' : TERM_LISTS[kind].path;
/** A path of topics as people read it; any other name as it is. */
export const read = (path: string): string => path.replaceAll(' > ', ' › ');

/** The preview of a change: sentences of what it does, and a form that makes it. */
export function previewOf(
  t: Translate,
  asked: AskedChange,
  plan: ChangePlan,
  changed: boolean,
): AdminPreviewPage {
  const { kind, target, change } = asked;
  const home = homeOf(kind);
  const names = { name: read(plan.name), after: read(plan.after.name) };
  const { below, alike, leads } = plan.after;
  const moves = change.what === 'move' || change.what === 'merge';
  const lines = [
    t(`vocabulary.does.${change.what}`, names),
    ...(below > 0 && moves ? [t('vocabulary.below', { count: below })] : []),
    ...(alike.length > 0 ? [t('vocabulary.alike', { names: alike.join(', ') })] : []),
    ...(leads ? [t('vocabulary.leads', leads)] : []),
    ...(moves || change.what === 'rename' ? [t('vocabulary.importsStill', names)] : []),
  ];
  return {
    place: home,
    back: [
      { label: t(`admin.${listOf(kind)}.title`), url: home },
      { label: names.name, url: `${home}/${target}` },
    ],
    title: t(`vocabulary.ask.${change.what}`, names),
    touched: change.what === 'remove' ? null : plan.touched,
    lines,
    waits: isMany(plan.touched),
    changed,
    fields: [
      ...Object.entries(change).map(([name, value]) => ({ name, value: value ?? '' })),
      { name: 'seen', value: plan.seen },
      { name: 'sure', value: 'yes' },
    ],
    actionUrl: `${home}/${target}`,
    confirm: t(`vocabulary.confirm.${change.what}`),
    cancelUrl: `${home}/${target}`,
  };
}

/** A change of very many resources while a job makes it and the index takes it up. */
export function changePage(t: Translate, found: WaitingChange, url: string): AdminChangePage {
  const home = homeOf(found.kind);
  const { resources, unindexed } = found;
  return {
    place: home,
    back: [{ label: t(`admin.${listOf(found.kind)}.title`), url: home }],
    title: t(`vocabulary.change.${found.what}`, { name: read(found.name) }),
    state: found.state,
    resources,
    unindexed,
    percent:
      found.state !== 'done' || resources === 0
        ? 0
        : Math.max(0, Math.floor(((resources - Math.min(unindexed, resources)) * 100) / resources)),
    by: found.by,
    at: found.madeAt,
    url,
  };
}
