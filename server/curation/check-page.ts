import type { Pool } from 'pg';
import { schoolDaysBefore, schoolDaysBetween } from '../lib/school-days.ts';
import { renderMarkdown } from '../lib/markdown.ts';
import type { Viewer } from '../lib/viewer.ts';
import { forbidden, notFound, type FieldFault } from '../errors.ts';
import type { Translate } from '../locale/locale.ts';
import { draftOf } from '../resources/draft-queries.ts';
import { hostOf, resourceCards, versionCard } from '../resources/resource-card-queries.ts';
import { resourceDetails } from '../resources/resource-page-queries.ts';
import { fileItem, lookInside } from '../resources/resource-page-view.ts';
import type { ResourceCard } from '../resources/resource-view.ts';
import { readVocabularies, type Level } from '../vocabularies/vocabulary-queries.ts';
import { fieldErrors } from '../web/field-errors.ts';
import { loadForCheck, type CheckedResource } from './check-facts-queries.ts';
import { checkPower, checkRefusal, queueScope, type CheckPower } from './check-policy.ts';
import { checkSettings, type CheckSettings } from './check-settings-queries.ts';
import type { ClaimField, CurateCheckPage } from './check-view.ts';
import { claimsOf, type Claim } from './claim-queries.ts';
import { readDecision, type Decision } from './decision.ts';
import { seenToken } from './decide-service.ts';
import { findingItems, findingsOf } from './finding-view.ts';
import { checkColleagues } from './queue-queries.ts';
import { queueAddress, WHYS, type QueueFilters } from './queue-schema.ts';
import { threadEvents } from './thread-events.ts';
import { threadOf } from './thread-queries.ts';

type Asked = {
  resourceId: string;
  back: QueueFilters;
  /** What was typed and couldn't be taken; its notice says why. */
  typed?: { body: Record<string, unknown>; faults: FieldFault[]; notice: string | null };
};

/**
 * The check of a resource as somebody sees it who may: its version beside the form.
 * @throws 404 where they may not know of it, or it is neither on the shelf nor handed in; 403 outside their districts
 */
export async function curateCheckPage(
  { pool, now, scanner }: { pool: Pool; now: Date; scanner: boolean },
  viewer: Viewer,
  { resourceId, back, typed }: Asked,
  t: Translate,
): Promise<CurateCheckPage> {
  const resource = await loadForCheck(pool, viewer, resourceId, { now });
  if (resource.state !== 'published' && resource.state !== 'submitted') throw notFound();
  const power = checkPower(viewer, resource);
  const refusal = checkRefusal(viewer, resource, resource.check);
  const scope = queueScope(viewer);
  if (scope && !(resource.districtId !== null && scope.includes(resource.districtId)))
    throw forbidden('curate.refused.notYours');
  const [content, settings, vocabularies, claims, thread, findings, colleagues] = await Promise.all([
    contentOf(pool, viewer, resource, { tellUnscanned: !scanner }),
    checkSettings(pool),
    readVocabularies(pool),
    claimsOf(pool, resource, power),
    threadOf(pool, resourceId),
    findingsOf(pool, viewer, resource),
    power ? checkColleagues(pool, resource.districtId === null ? [] : [resource.districtId]) : [],
  ]);
  const { wait } = resource;
  const query = queueAddress(back);
  const base = `/curate/checks/${resourceId}`;
  const holder = wait?.heldBy ?? null;
  const others = holder !== null && holder !== viewer.id;
  const assigned = colleagues.find(({ id }) => id === wait?.assignedTo);
  return {
    id: resourceId,
    ...content,
    submitted: resource.state === 'submitted',
    version:
      resource.state === 'submitted' ? (resource.currentNumber ?? 0) + 1 : (resource.currentNumber ?? 1),
    check: content.card.check,
    wait: wait && {
      whys: WHYS.filter((why) => wait.whys.includes(why)),
      since: wait.since,
      days: schoolDaysBetween(wait.since, now),
      late: wait.since < schoolDaysBefore(now, settings.promiseDays),
    },
    with:
      holder !== null
        ? { name: wait?.heldByName ?? '', me: !others, open: true }
        : assigned
          ? { name: assigned.name, me: assigned.id === viewer.id, open: false }
          : null,
    findings: findingItems(findings, t),
    findingsWait: findings.length === 0 && wait !== null,
    events: threadEvents(thread),
    threadUrl: `/resources/${resourceId}/checks`,
    notice: typed?.notice ?? (refusal ? t(`curate.refused.${refusal}`) : null),
    form:
      refusal || !power
        ? null
        : formOf({
            resource,
            power,
            claims,
            settings,
            levels: vocabularies.levels,
            typed,
            t,
            query,
            author: content.card.authors,
          }),
    takeUrl: !refusal && wait && holder === null ? `${base}/take` : null,
    backUrl:
      holder === viewer.id || (wait?.assignedTo === viewer.id && holder === null) ? `${base}/back` : null,
    skipUrl: power && wait ? `${base}/skip` : null,
    assign:
      power && wait
        ? {
            url: `${base}/assign`,
            options: colleagues
              .filter(({ id }) => id !== resource.ownerId && !resource.coAuthorIds.includes(id))
              .map(({ id, name, organization }) => ({
                value: id,
                label: t('curate.assign.person', { name, organization }),
                chosen: id === wait.assignedTo,
              })),
          }
        : null,
    queueUrl: `/curate${query}`,
  };
}

type Content = Pick<
  CurateCheckPage,
  | 'card'
  | 'publishedOn'
  | 'changeNote'
  | 'changedUrl'
  | 'description'
  | 'link'
  | 'files'
  | 'look'
  | 'adaptedFrom'
>;

/** What there is to look at: the version on the shelf, or the one that was handed in. */
async function contentOf(
  pool: Pool,
  viewer: Viewer,
  resource: CheckedResource,
  files: { tellUnscanned: boolean },
): Promise<Content> {
  const number = resource.state === 'submitted' ? null : resource.currentNumber;
  const [card, details] = await Promise.all([
    cardOf(pool, viewer, resource.id, number),
    number === null ? draftOf(pool, viewer, resource.id) : resourceDetails(pool, viewer, resource.id, number),
  ]);
  if (!card || !details) throw notFound();
  return {
    card: { ...card, saved: null, saveUrl: null },
    publishedOn: 'published_at' in details ? details.published_at : null,
    changeNote: 'change_note' in details ? details.change_note || null : null,
    changedUrl: number !== null && number > 1 ? `/resources/${resource.id}/versions/${number - 1}` : null,
    description: renderMarkdown(details.description),
    link: details.url ? { url: details.url, host: hostOf(details.url) ?? details.url } : null,
    files: details.files.map((row) => fileItem(row, files)),
    look: lookInside(details.files),
    adaptedFrom: card.adaptedFrom,
  };
}

const cardOf = async (
  pool: Pool,
  viewer: Viewer,
  id: string,
  number: number | null,
): Promise<ResourceCard | undefined> =>
  (number === null ? undefined : (await resourceCards(pool, viewer, [id])).get(id)) ??
  versionCard(pool, viewer, id, number);

function formOf(input: {
  resource: CheckedResource;
  power: CheckPower;
  claims: Claim[];
  settings: CheckSettings;
  levels: Level[];
  typed: Asked['typed'];
  t: Translate;
  query: string;
  author: string;
}): NonNullable<CurateCheckPage['form']> {
  const { resource, claims, settings, levels, typed, t } = input;
  const { rubric } = settings;
  const decision =
    typed && readDecision(typed.body, 'checked', { claims, rubric, levels: levels.map(({ slug }) => slug) });
  const settles = resource.check.state === 'disputed';
  return {
    actionUrl: `/curate/checks/${resource.id}`,
    seen: seenToken(resource),
    seenCheck: resource.lastCheckId ?? '',
    back: input.query,
    author: input.author,
    claims: claims.map((claim) => claimField(claim, decision, levels)),
    rubric: rubric && {
      name: rubric.name,
      scale: rubric.labels.map((label, index) => ({
        value: String(rubric.lowest + index),
        label: String(rubric.lowest + index),
        hint: label,
        chosen: false,
      })),
      criteria: rubric.criteria.map((one) => ({ ...one, rating: decision?.ratings.get(one.id) ?? null })),
    },
    note: decision?.note ?? '',
    errors: fieldErrors(t, typed?.faults ?? []),
    settles,
    mayWithdraw: resource.state === 'published',
  };
}

/** What was typed stands; else what was decided before about the same claim. */
function claimField(claim: Claim, decision: Decision | undefined, levels: Level[]): ClaimField {
  const said = decision?.claims.get(claim.id);
  const fit = said ? said.fit : claim.check.status === 'claimed' ? null : claim.fit;
  const level = said ? said.level : claim.otherLevel;
  return {
    id: claim.id,
    tab: {
      guid: claim.guid,
      code: claim.code,
      statement: claim.statement,
      url: `/standards/${claim.guid}`,
      retired: false,
    },
    framework: claim.framework,
    relation: claim.relation,
    level: claim.level,
    descriptor: claim.descriptor,
    claimedAs: claim.claimedAs,
    check: claim.check,
    locked: claim.locked,
    fit,
    why: said ? said.note : claim.note,
    levels: levels
      .filter(({ slug }) => slug !== claim.level?.slug)
      .map(({ slug, label }) => ({ value: slug, label, chosen: slug === level })),
  };
}
