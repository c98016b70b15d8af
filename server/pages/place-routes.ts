import type { Pool } from 'pg';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { sortGrades, isGrade } from '../lib/grade.ts';
import type { Viewer } from '../lib/viewer.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import type { ShelfItem } from '../resources/resource-view.ts';
import { shelfItem } from '../resources/shelf-items.ts';
import { contextOf, page } from '../web/page.ts';
import { parseParams } from '../web/parse.ts';
import { viewerOf } from '../web/request-context.ts';
import { anyone, createRoutes } from '../web/route.ts';
import { districtList, placeFacts, topicFacts, topicTree, type TopicRow } from './place-queries.ts';
import type { TopicNode } from './place-view.ts';

const slugParams = z.object({ slug: z.string().regex(/^[a-z0-9-]{1,200}$/) });

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
    const viewer = viewerOf(res);
    const facts = await placeFacts(pool, viewer, 'district', slug);
    const search = `/search?district=${slug}`;
    page(
      res,
      'districts/show',
      {
        name: facts.name,
        total: facts.total,
        checked: facts.checked,
        schools: facts.schools.map(({ label, slug: school, count }) => ({
          label,
          count,
          url: `/schools/${school}`,
        })),
        subjects: facts.subjects.map(({ label, slug: subject, count }) => ({
          label,
          count,
          url: `${search}&subject=${subject}`,
        })),
        shelf: await shelfOf(pool, viewer, facts.shelf),
        searchUrl: search,
      },
      { title: facts.name, canonical: `/districts/${slug}` },
    );
  });

  routes.get('/schools/:slug', anyone, async (req, res) => {
    const { slug } = parseParams(slugParams, req.params);
    const viewer = viewerOf(res);
    const facts = await placeFacts(pool, viewer, 'school', slug);
    const district = facts.district ?? { name: '', slug: '' };
    const search = `/search?district=${district.slug}`;
    page(
      res,
      'schools/show',
      {
        name: facts.name,
        district: { label: district.name, url: `/districts/${district.slug}` },
        total: facts.total,
        checked: facts.checked,
        subjects: facts.subjects.map(({ label, slug: subject, count }) => ({
          label,
          count,
          url: `${search}&subject=${subject}`,
        })),
        shelf: await shelfOf(pool, viewer, facts.shelf),
        searchUrl: search,
      },
      { title: facts.name, canonical: `/schools/${slug}` },
    );
  });

  return routes.router;
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
