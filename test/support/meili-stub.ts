import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

export interface StubCall {
  method: string;
  path: string;
  key: string | undefined;
  body: unknown;
}

/** What the stub answers: a status and a body, or `hang` for never. */
export type StubAnswer = { status?: number; body?: unknown; raw?: string } | 'hang';

export interface MeiliStub {
  url: string;
  /** Every request so far, but for those about keys and tasks. */
  calls: StubCall[];
  /** Asked before anything else; undefined means the usual answer. */
  answer: (call: StubCall) => StubAnswer | undefined;
  /** How tasks end: `succeeded` unless told, by the type of the task. */
  taskError: (type: string) => { code: string; message: string } | undefined;
  /** How often a task is still under way before it ends. */
  taskPolls: number;
  close: () => Promise<void>;
}

/**
 * Speaks as much of Meilisearch's HTTP interface as the portal uses, without searching anything: indexes exist from the
 * first swap on, tasks succeed, searches give no hits. A test scripts what it needs beyond that. `port`: one that was
 * free before, for a server that comes back.
 */
export async function meiliStub(port = 0): Promise<MeiliStub> {
  const tasks: { type: string; polls: number }[] = [];
  const keys = new Map<string, object>();
  let hasIndex = false;
  const stub: MeiliStub = {
    url: '',
    calls: [],
    answer: () => undefined,
    taskError: () => undefined,
    taskPolls: 0,
    close: async () => {},
  };
  const task = (type: string): StubAnswer => {
    tasks.push({ type, polls: 0 });
    return {
      status: 202,
      body: { taskUid: tasks.length - 1, indexUid: 'x', status: 'enqueued', type, enqueuedAt: new Date(0) },
    };
  };
  const taskState = (uid: number): StubAnswer => {
    const known = tasks[uid];
    if (!known) return problem(404, 'task_not_found');
    known.polls += 1;
    const error = stub.taskError(known.type);
    const status = known.polls <= stub.taskPolls ? 'processing' : error ? 'failed' : 'succeeded';
    return { body: { uid, status, type: known.type, error: status === 'failed' ? error : null } };
  };
  const usual = ({ method, path, body }: StubCall): StubAnswer => {
    const [room, name, part] = path.slice(1).split('/');
    if (room === 'keys' && method === 'GET') {
      const key = keys.get(name ?? '');
      return key ? { body: key } : problem(404, 'api_key_not_found');
    }
    if (room === 'keys') {
      const { uid, actions, indexes } = body as { uid: string; actions: string[]; indexes: string[] };
      // What is of no index can't be allowed for some.
      if (actions.includes('version') && !indexes.includes('*'))
        return problem(400, 'invalid_api_key_actions');
      const key = { ...(body as object), key: `key-for-${actions[0]}` };
      keys.set(uid, key);
      return { status: 201, body: key };
    }
    if (room === 'version') return { body: { pkgVersion: '1.2.3' } };
    if (room === 'stats') return { body: { databaseSize: 2000, usedDatabaseSize: 1000, indexes: {} } };
    if (room === 'tasks') return taskState(Number(name));
    if (room === 'swap-indexes') {
      hasIndex = true;
      return task('indexSwap');
    }
    if (room === 'multi-search') {
      const { queries } = body as { queries: object[] };
      return { body: { results: queries.map(() => ({ hits: [], totalHits: 0, facetDistribution: {} })) } };
    }
    if (part === 'stats') return { body: { numberOfDocuments: 0 } };
    if (part === 'settings') return task('settingsUpdate');
    if (part === 'documents')
      return task(path.endsWith('delete-batch') ? 'documentDeletion' : 'documentAdditionOrUpdate');
    if (method === 'POST') return task('indexCreation');
    if (method === 'DELETE') return task('indexDeletion');
    return hasIndex ? { body: { uid: name, primaryKey: 'id' } } : problem(404, 'index_not_found');
  };
  const server = createServer((req, res) => {
    void (async () => {
      const text = await textOf(req);
      const call: StubCall = {
        method: req.method ?? '',
        path: (req.url ?? '').split('?', 1)[0] ?? '',
        key: req.headers.authorization?.replace('Bearer ', ''),
        body: bodyOf(text, req.headers['content-type']),
      };
      if (!/^\/(?:keys|tasks)/.test(call.path)) stub.calls.push(call);
      const answer = stub.answer(call) ?? usual(call);
      if (answer === 'hang') return;
      res.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      res.end(answer.raw ?? JSON.stringify(answer.body ?? {}));
    })();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  stub.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  stub.close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return stub;
}

/** JSON, or a list of what stands on each line. */
function bodyOf(text: string, type = ''): unknown {
  if (text === '') return undefined;
  return type.includes('ndjson')
    ? text.split('\n').map((line) => JSON.parse(line) as unknown)
    : (JSON.parse(text) as unknown);
}

/** An error as Meilisearch words it. */
export const problem = (status: number, code: string): StubAnswer => ({
  status,
  body: { message: `stub: ${code}`, code, type: 'invalid_request', link: '' },
});

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
