import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { collectionPath, resourcePath } from '../../lib/slug.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { isMessageKey, type Translate } from '../../locale/locale.ts';
import type { Link } from '../../web/page-parts.ts';
import { organizationsUrl, organizationUrl, peopleUrl, personUrl, transferUrl } from '../addresses.ts';
import type { TransferLine } from '../organization-view.ts';
import { MOST_TICKED } from './transfer-limits.ts';
import { mayMoveTransfer } from './transfer-policy.ts';
import {
  findTransfer,
  transferItems,
  type Transfer,
  type TransferEnd,
  type TransferItem,
} from './transfer-queries.ts';
import type { AdminTransferPage } from './transfer-view.ts';

/** What kinds of things go, in the order in which they are shown. */
const KINDS = [
  'people',
  'resources',
  'others',
  'drafts',
  'collections',
  'schools',
  'sources',
  'calls',
] as const;

/** Where to go when a transfer is dropped: to whom or what it would have gone from. @throws 404 as the page does */
export async function transferOrigin(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  id: string,
): Promise<string> {
  return linkTo((await shownTransfer(pool, viewer, id)).from).url;
}

type ShownTransfer = Transfer & { from: TransferEnd; to: TransferEnd };

async function shownTransfer(pool: Deps['pool'], viewer: Viewer, id: string): Promise<ShownTransfer> {
  const transfer = await findTransfer(pool, id);
  if (!transfer?.from || !transfer.to || !mayMoveTransfer(viewer, transfer)) throw notFound();
  return { ...transfer, from: transfer.from, to: transfer.to };
}

/** A transfer as its page shows it. @throws 404 for whoever doesn't administer both ends */
export async function transferPage(
  { pool }: Pick<Deps, 'pool'>,
  viewer: Viewer,
  id: string,
  t: Translate,
): Promise<AdminTransferPage> {
  const transfer = await shownTransfer(pool, viewer, id);
  const { from, to, state, kind, counts, moved } = transfer;
  // While it runs the page is read anew every few seconds, and says how far it is.
  const items =
    transfer.chosen && state !== 'running' ? await transferItems(pool, viewer, id, MOST_TICKED) : [];
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const list: Link =
    kind === 'person'
      ? { label: t('admin.people'), url: peopleUrl }
      : { label: t('admin.organizations'), url: organizationsUrl };
  return {
    url: transferUrl(id),
    title: transferWords(transfer, t),
    crumbs: [list, linkTo(from)],
    state,
    from: linkTo(from),
    to: linkTo(to),
    by: transfer.madeBy?.name ?? null,
    at: new Date(transfer.movedAt),
    says: saysOf(transfer, t),
    counts: KINDS.filter((name) => (counts[name] ?? 0) > 0).map((name) => ({
      label: t(`transfer.count.${name}`),
      count: counts[name] ?? 0,
    })),
    sources: Object.entries(transfer.sources).flatMap(([before, after]) =>
      before === after ? [] : { before, after },
    ),
    percent: state === 'running' ? percentOf(transfer) : null,
    items: items.map((item) => itemOf(item, t)),
    itemsTotal: total,
    moveUrl: `${transferUrl(id)}/move`,
    submit: t(`transfer.submit.${transfer.backOf ? 'back' : kind}`),
    mayMove: state === 'planned',
    backUrl:
      state === 'done' &&
      (kind === 'school' || kind === 'person') &&
      transfer.takenBackBy === null &&
      (moved['resources'] ?? 0) + (moved['collections'] ?? 0) > 0
        ? `${transferUrl(id)}/back`
        : null,
    takenBackUrl: transfer.takenBackBy && transferUrl(transfer.takenBackBy),
    cancelUrl: linkTo(from).url,
  };
}

/** A transfer as one line of a list. */
export const transferLine = (transfer: Transfer, t: Translate): TransferLine => ({
  words: transferWords(transfer, t),
  url: transferUrl(transfer.id),
  state: transfer.state,
  by: transfer.madeBy?.name ?? null,
  at: new Date(transfer.movedAt),
});

const transferWords = ({ kind, from, to, backOf }: Transfer, t: Translate): string =>
  t(`transfer.words.${backOf ? 'back' : kind}`, { from: from?.name ?? '–', to: to?.name ?? '–' });

const linkTo = ({ id, name, kind }: TransferEnd): Link => ({
  label: name,
  url: kind === 'person' ? personUrl(id) : organizationUrl(id),
});

function saysOf(transfer: Transfer, t: Translate): string[] {
  const { kind, from, to, state, moved, counts } = transfer;
  const names = { from: from?.name ?? '', to: to?.name ?? '' };
  if (state === 'dropped') return [t('transfer.says.dropped')];
  const count = (moved['resources'] ?? 0) + (moved['collections'] ?? 0);
  if (state === 'done')
    return [count === 0 ? t('transfer.says.doneEmpty', names) : t('transfer.says.done', { count })];
  const elsewhere = from?.districtId !== to?.districtId;
  const bySource = elsewhere && kind !== 'person';
  return [
    t(`transfer.says.${kind}`, names),
    ...(kind === 'merge'
      ? [t('transfer.says.address', { ...names, address: `/${from?.kind ?? ''}s/${from?.slug ?? ''}` })]
      : []),
    ...(kind === 'merge' && from?.kind === 'district' && (counts['sources'] ?? 0) > 0
      ? [t('transfer.says.sources', { ...names, address: to?.slug ?? '' })]
      : []),
    ...(bySource && (kind === 'move' || kind === 'school') ? [t('transfer.says.imported', names)] : []),
    ...(kind === 'person' || kind === 'school'
      ? [t('transfer.says.canGoBack')]
      : [t('transfer.says.forGood')]),
  ];
}

/** Of the resources, which take the time. */
function percentOf({ counts, moved }: Transfer): number {
  const sum = (amounts: Transfer['counts']) =>
    ['resources', 'others', 'drafts', 'collections'].reduce((all, name) => all + (amounts[name] ?? 0), 0);
  const all = sum(counts);
  return all === 0 ? 99 : Math.min(99, Math.floor((sum(moved) * 100) / all));
}

function itemOf(
  { kind, id, title, state, language, outcome }: TransferItem,
  t: Translate,
): AdminTransferPage['items'][number] {
  const stateKey = `transfer.${kind}.${state}`;
  const shown = title === null ? t(`handOver.hidden.${kind}`) : title || t('share.untitled');
  const path = kind === 'collection' ? collectionPath : resourcePath;
  const open = title !== null && (kind === 'collection' || state === 'published');
  const url = open ? path(id, title) : null;
  return {
    title: shown,
    url,
    language,
    kind,
    state: isMessageKey(stateKey) ? t(stateKey) : '',
    left: outcome === 'left',
  };
}
