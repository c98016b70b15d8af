import type { Response } from 'express';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { notFound } from '../errors.ts';
import { sortGrades, isGrade } from '../lib/grade.ts';
import type { Viewer } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import type { ShelfItem } from '../resources/resource-view.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { contextOf, page } from '../web/page.ts';
import { parseParams, parseQuery } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import {
  districtList,
  placeFacts,
  presentTopic,
  presentAddress,
  topicFacts,
  topicTree,
  type PlaceFacts,
  type TopicRow,
} from './place-queries.ts';
import type { TopicNode } from './place-view.ts';

const slug = z.string().regex(/^[a-z0-9-]{1,200}$/);
const slugParams = z.object({ slug });
const schoolQuery = z.object({
  subject: slug.optional().catch(undefined),
  all: z.string().optional().catch(undefined),
});

/** The most that a school's page lists at once. */
const longestShelf = 500;

/** Topics, districts and schools: what stands where. */
export function placeRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get('/topics', anyone, async (_req, res) => {
    const rows = await topicTree(pool, viewerOf(res));
    page(
      res,
      'topics/index',
      { trees: treeOf(rows, null) },
      { title: contextOf(res).t('topics.title'), canonical: '/topics' },
    );
  });

  routes.get('/topics/:slug', anyone, async (req, res) => {
    const { slug } = parseParams(slugParams, req.params);
    const viewer = viewerOf(res);
    const facts = await topicFacts(pool, viewer, slug);
    if (!facts) {
      const now = await presentTopic(pool, slug);
      if (now === undefined) throw notFound();
      return leadOn(res, `/topics/${now}`);
    }
    const search = `/search?topic=${slug}`;
    const counts = new Map(facts.grades.map(({ grade, count }) => [grade, count]));
    page(
      res,
      'topics/show',
      {
        label: facts.name,
        description: null,
        crumbs: [
          { label: contextOf(res).t('topics.title'), url: '/topics' },
          ...facts.crumbs.map((crumb) => ({ label: crumb.name, url: `/topics/${crumb.slug}` })),
        ],
        total: facts.total,
        checked: facts.checked,
        children: facts.children.map(({ label, slug: child, count }) => ({
          label,
          count,
          url: `/topics/${child}`,
        })),
        levels: facts.levels.map((level) => ({ ...level, url: `${search}&level=${level.slug}` })),
        grades: sortGrades([...counts.keys()].filter(isGrade)).map((grade) => ({
          grade,
          count: counts.get(grade) ?? 0,
          url: `${search}&grade=${grade}`,
        })),
        shelf: await shelfOf(pool, viewer, facts.shelf),
        searchUrl: search,
      },
      { title: facts.name, canonical: `/topics/${slug}` },
    );
  });

  routes.get('/districts', anyone, async (_req, res) => {
    const districts = await districtList(pool, viewerOf(res));
    page(
      res,
      'districts/index',
      {
        districts: districts.map(({ label, slug, count, schools }) => ({
          label,
          count,
          schools,
          url: `/districts/${slug}`,
        })),
      },
      { title: contextOf(res).t('districts.title'), canonical: '/districts' },
    );
  });

  routes.get('/districts/:slug', anyone, async (req, res) => {
    const { slug } = parseParams(slugParams, req.params);
    const facts = await placeFacts(pool, viewerOf(res), 'district', slug);
    if (!facts) return leadOn(res, await movedTo(slug));
    const searchUrl = `/search?district=${slug}`;
    page(
      res,
      'districts/show',
      {
        ...(await sharedBy(viewerOf(res), facts, (subject) => `${searchUrl}&subject=${subject}`)),
        schools: facts.schools.map(({ slug: school, ...row }) => ({ ...row, url: `/schools/${school}` })),
        searchUrl,
      },
      { title: facts.name, canonical: `/districts/${slug}` },
    );
  });

  // Search knows districts, not schools: what a school shares is listed here, whole or by subject.
  routes.get('/schools/:slug', anyone, async (req, res) => {
    const { slug } = parseParams(slugParams, req.params);
    const { subject, all } = parseQuery(schoolQuery, req.query);
    const facts = await placeFacts(pool, viewerOf(res), 'school', slug, {
      subject: subject ?? null,
      ...(subject !== undefined || all !== undefined ? { limit: longestShelf } : {}),
    });
    if (!facts) return leadOn(res, await movedTo(slug));
    const district = facts.district ?? { name: '', slug: '' };
    page(
      res,
      'schools/show',
      {
        ...(await sharedBy(viewerOf(res), facts, (slugOf) => `/schools/${slug}?subject=${slugOf}`)),
        district: { label: district.name, url: `/districts/${district.slug}` },
        searchUrl: `/schools/${slug}?all=yes`,
      },
      { title: facts.name, canonical: `/schools/${slug}` },
    );
  });

  /** Where an address of before leads. @throws 404 */
  async function movedTo(slug: string): Promise<string> {
    const address = await presentAddress(pool, slug);
    if (address === undefined) throw notFound();
    return address;
  }

  /** What the pages of a district and of a school have in common. */
  async function sharedBy(viewer: Viewer, facts: PlaceFacts, subjectUrl: (slug: string) => string) {
    return {
      name: facts.name,
      closed: facts.closed,
      total: facts.total,
      checked: facts.checked,
      subjects: facts.subjects.map(({ slug, ...row }) => ({ ...row, url: subjectUrl(slug) })),
      shelf: await shelfOf(pool, viewer, facts.shelf),
    };
  }

  return routes.router;
}

/** Browsers ask again each time: an address of before can become the present one again. */
function leadOn(res: Response, address: string): void {
  res.set('Cache-Control', 'private, no-cache').redirect(301, address);
}

async function shelfOf(pool: Pool, viewer: Viewer, ids: string[]): Promise<ShelfItem[]> {
  const cards = await resourceCards(pool, viewer, ids);
  return ids.flatMap((id) => {
    const card = cards.get(id);
    return card ? [shelfItem(card)] : [];
  });
}

function treeOf(rows: TopicRow[], parentId: string | null): TopicNode[] {
  return rows
    .filter((row) => row.parent_id === parentId)
    .map((row) => ({
      label: row.name,
      url: `/topics/${row.slug}`,
      count: row.count,
      children: treeOf(rows, row.id),
    }));
}
