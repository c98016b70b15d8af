import type { Response } from 'express';
import type { Deps } from '../deps.ts';
import { csvLine } from '../lib/csv-text.ts';
import type { Viewer } from '../lib/viewer.ts';
import { withTransaction } from '../platform/database/transaction.ts';
import { contextOf, page } from '../web/page.ts';
import { parseQuery } from '../web/parse.ts';
import { originOf, viewerOf } from '../web/request-context.ts';
import { createRoutes, staff } from '../web/route.ts';
import { auditActions, auditRows } from './audit-queries.ts';
import { auditQuery, type AuditFilters } from './audit-schema.ts';
import { audit } from './audit-service.ts';
import { actionWords, auditCells, auditHeadings, auditItem, auditUrl } from './audit-view.ts';

const LIST = '/admin/audit';
const CSV = '/admin/audit.csv';
const ON_PAGE = 50;
const IN_BATCH = 1000;
const administrators = staff('admin');

/** Who did what, when and from where: for administrators, each for what they administer. Nobody can change it. */
export function auditRoutes({ pool }: Pick<Deps, 'pool'>) {
  const routes = createRoutes();

  routes.get(LIST, administrators, async (req, res) => {
    const { t } = contextOf(res);
    const filters = parseQuery(auditQuery, req.query);
    const [rows, actions] = await Promise.all([
      auditRows(pool, viewerOf(res), filters, ON_PAGE + 1),
      auditActions(pool),
    ]);
    const shown = rows.slice(0, ON_PAGE);
    const { before, ...narrowing } = filters;
    const chosen = (value: string, label: string, now: string) => ({ value, label, chosen: value === now });
    page(
      res,
      'admin/audit',
      {
        values: {
          who: filters.who,
          object: filters.object,
          from: filters.from ?? '',
          to: filters.to ?? '',
        },
        actions: [
          chosen('', t('audit.anyAction'), filters.action),
          ...actions.map((action) => chosen(action, actionWords(action), filters.action)),
        ],
        outcomes: [
          chosen('', t('audit.anyOutcome'), filters.outcome),
          ...(['done', 'refused', 'failed'] as const).map((outcome) =>
            chosen(outcome, t(`audit.outcome.${outcome}`), filters.outcome),
          ),
        ],
        narrowed: Object.values(narrowing).some(Boolean),
        events: shown.map(auditItem),
        olderUrl: rows.length > ON_PAGE ? auditUrl(LIST, { ...filters, before: shown.at(-1)?.id }) : null,
        newestUrl: before === null ? null : auditUrl(LIST, narrowing),
        csvUrl: auditUrl(CSV, narrowing),
      },
      { title: t('audit.title'), robots: 'none' },
    );
  });

  routes.get(CSV, administrators, async (req, res) => {
    const viewer = viewerOf(res);
    const filters = parseQuery(auditQuery, req.query);
    // Taking the log out is an event too.
    await withTransaction(pool, (client) =>
      audit(client, {
        actorId: viewer.id,
        action: 'audit.exported',
        objectType: 'audit_event',
        detail: { ...filters },
        ...originOf(req, res),
      }),
    );
    res.attachment(`audit-${new Date().toISOString().slice(0, 10)}.csv`).type('text/csv');
    res.write(`\ufeff${csvLine(auditHeadings)}`);
    await sendRows(res, viewer, filters);
    res.end();
  });

  /** In batches, so that the whole log is never in memory; ends when whoever asked has gone. */
  async function sendRows(res: Response, viewer: Viewer, filters: AuditFilters): Promise<void> {
    for (let before = filters.before; !res.destroyed;) {
      const rows = await auditRows(pool, viewer, { ...filters, before }, IN_BATCH);
      const more = res.write(rows.map((row) => csvLine(auditCells(row))).join(''));
      if (rows.length < IN_BATCH) return;
      if (!more) await drained(res);
      before = rows.at(-1)?.id ?? null;
    }
  }

  return routes.router;
}

const drained = (res: Response): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
