import { Command, InvalidArgumentError } from 'commander';
import { checkFixity } from '../server/files/fixity.ts';
import { formats } from '../server/locale/format.ts';
import { translator } from '../server/locale/locale.ts';
import { openDeps } from '../server/open-deps.ts';
import { giveWay } from '../server/platform/give-way.ts';
import { runOrExplain } from '../server/run-or-explain.ts';

// `npm run fixity`: reads stored files to their end and hashes them, the least recently checked first. The portal does a
// share of it each night by itself; this is for all of them, or for a machine that was moved.
// Ends with 0 when every file is what it was, 2 when one is damaged, 1 when it could not look. Ctrl-C stops in order.
const t = translator('en');
const fmt = formats('en', t);
const damaged = 2;

const above =
  (whole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (!(value > 0) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(t('fixity.option.number'));
    return value;
  };

const command = new Command('fixity')
  .description(t('fixity.description'))
  .option('--hours <number>', t('fixity.option.hours'), above(false))
  .option('--limit <number>', t('fixity.option.limit'), above(true))
  .option('--json', t('fixity.option.json'))
  .parse();
const { hours, limit, json } = command.opts<{ hours?: number; limit?: number; json?: true }>();

await runOrExplain(async () => {
  const { deps, database, close } = await openDeps({ step: (text) => console.error(text) });
  giveWay(database);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const count = { checked: 0, bytes: 0, damaged: 0 };
  try {
    const limits = {
      ...(hours === undefined ? {} : { until: new Date(Date.now() + hours * 3_600_000) }),
      ...(limit === undefined ? {} : { limit }),
      signal: stopping.signal,
    };
    for await (const { sha256, size, state, restored } of checkFixity(deps, limits)) {
      count.checked += 1;
      count.bytes += size;
      if (state !== 'right') count.damaged += 1;
      if (state === 'right' && !restored) continue;
      if (json) console.log(JSON.stringify({ sha256, size, state, restored }));
      else console.log(t(restored ? 'fixity.restored' : `fixity.${state}`, { sha256 }));
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await close();
  }
  console.error(t('fixity.sum', { count: count.checked, bytes: fmt.bytes(count.bytes) }));
  if (count.damaged === 0) return;
  console.error(t('fixity.damaged', { count: count.damaged }));
  process.exitCode = damaged;
});
