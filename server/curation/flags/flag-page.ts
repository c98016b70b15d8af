import type { Translate } from '../../locale/locale.ts';
import { resourcePath } from '../../lib/slug.ts';
import type { Viewer } from '../../lib/viewer.ts';
import { FLAG_KINDS, type FlagKind } from '../../resources/flags/flag-kinds.ts';
import type { LoadedResource } from '../../resources/resource-facts-queries.ts';
import { canSee, canSeeTombstone } from '../../resources/resource-policy.ts';
import type { FieldError } from '../../web/page-parts.ts';
import { pager } from '../../web/pager.ts';
import { FLAG_MOVE_NAMES, movedFlag, moverOf } from './flag-machine.ts';
import type { FlagDetails, FlagRow } from './flag-queries.ts';
import type { FlagDecisionPage, FlagsPage } from './flag-view.ts';

/** So many on a page. */
export const FLAGS_A_PAGE = 50;

/** The list of what people reported. */
export function flagsPage(
  t: Translate,
  rows: readonly FlagRow[],
  query: { show: 'open' | 'decided'; kind: FlagKind | null; page: number },
): FlagsPage {
  const total = rows[0]?.total ?? 0;
  const urlOf = (change: Partial<typeof query>): string => {
    const { show, kind, page } = { ...query, page: 1, ...change };
    const params = new URLSearchParams({
      ...(show === 'decided' ? { show } : {}),
      ...(kind ? { kind } : {}),
      ...(page > 1 ? { page: String(page) } : {}),
    });
    return params.size > 0 ? `/curate/flags?${params.toString()}` : '/curate/flags';
  };
  return {
    show: query.show,
    tabs: (['open', 'decided'] as const).map((show) => ({
      label: t(`flags.show.${show}`),
      url: urlOf({ show }),
      current: show === query.show,
    })),
    kinds: [
      { value: '', label: t('flags.kind.all'), chosen: query.kind === null },
      ...FLAG_KINDS.map((value) => ({
        value,
        label: t(`flag.choose.${value}`),
        chosen: value === query.kind,
      })),
    ],
    total,
    flags: rows.map((row) => ({
      url: `/curate/flags/${row.id}`,
      kind: row.kind,
      about: row.about,
      title: row.title,
      language: row.language ?? 'en',
      organization: row.organization,
      note: row.note,
      person: row.person,
      on: row.created_at,
      hides: row.hides,
      state: row.state,
      decided: row.decided_at && { on: row.decided_at, by: row.decided_by },
    })),
    pager: pager(query.page, Math.ceil(total / FLAGS_A_PAGE), (page) => urlOf({ page })),
    takedownsUrl: '/curate/takedowns',
  };
}

/** The page of one flag, with the moves that the viewer has. */
export function flagPage(
  t: Translate,
  viewer: Viewer,
  { flag, resource }: { flag: FlagDetails; resource: LoadedResource },
  more: {
    typed: { move: string; note: string } | null;
    stale: string | null;
    nextUrl: string | null;
    errors: FieldError[];
  },
): FlagDecisionPage {
  const mover = moverOf(viewer, resource);
  const may = FLAG_MOVE_NAMES.filter((move) => movedFlag(flag.state, move, mover, flag.about));
  const open = canSee(viewer, resource) || canSeeTombstone(viewer, resource);
  return {
    kind: flag.kind,
    about: flag.about,
    state: flag.state,
    note: flag.note,
    hides: flag.hides,
    on: flag.created_at,
    person: flag.person === null ? null : { name: flag.person, organization: flag.person_at ?? '' },
    mail: flag.mail,
    version: flag.version !== resource.currentNumber ? flag.version : null,
    decided: flag.decided_at && {
      on: flag.decided_at,
      by: flag.decided_by ?? '',
      note: flag.decided_note,
    },
    resource: {
      title: resource.state === 'purged' ? null : resource.title,
      url: open ? resourcePath(resource.id, resource.takedown ? '' : resource.title) : null,
      language: resource.language,
      organization: flag.organization,
      owner: flag.owner,
      link: canSee(viewer, resource) ? flag.url : null,
      number: resource.currentNumber ?? 0,
      state: standing(resource),
      files: canSee(viewer, resource)
        ? flag.files.map(({ id, name }) => ({ label: name, url: `/files/${id}/${encodeURIComponent(name)}` }))
        : [],
    },
    voice: flag.voice && { kind: flag.voice.kind, person: flag.voice.person, text: flag.voice.body },
    others: flag.others.map(({ id, kind, state, on }) => ({
      url: `/curate/flags/${id}`,
      kind,
      state,
      on: new Date(on),
    })),
    actionUrl: `/curate/flags/${flag.id}`,
    moves: may
      .filter((move) => move !== 'purge')
      .map((move) => ({
        value: move,
        label: t(move === 'take_down' && flag.about === 'voice' ? 'flag.move.remove' : `flag.move.${move}`),
        chosen: more.typed?.move === move,
      })),
    why: mover ? null : t('flag.fault.own'),
    value: more.typed?.note ?? '',
    purgeUrl: may.includes('purge') ? `/curate/purges/${resource.id}?flag=${flag.id}` : null,
    stale: more.stale,
    nextUrl: more.nextUrl,
    errors: more.errors,
  };
}

function standing(resource: LoadedResource): FlagDecisionPage['resource']['state'] {
  if (resource.takedown && resource.state === 'withdrawn') return 'taken_down';
  if (resource.state === 'published') return resource.held ? 'held' : 'shown';
  return resource.state === 'submitted' ? 'draft' : resource.state;
}
