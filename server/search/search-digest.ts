import { accountById } from '../accounts/account-queries.ts';
import { digestMail } from '../accounts/digest-mail.ts';
import type { Deps } from '../deps.ts';
import { translator, type Translate } from '../locale/locale.ts';
import { resourceCards } from '../resources/resource-card-queries.ts';
import type { Message } from '../platform/mailer.ts';
import { searchNews, type SearchNews } from './search-news.ts';

/** So many titles of each search are named in a mail. */
const NAMED = 8;

type DigestDeps = Pick<Deps, 'pool' | 'search' | 'log' | 'clock' | 'config' | 'mailer'>;

interface DueSearch {
  id: string;
  name: string;
  address: string;
  told_until: Date;
}

interface ToldSearch extends DueSearch {
  news: SearchNews;
  titles: { title: string; url: string; checked: boolean }[];
}

/**
 * Sends one person one mail about all their saved searches in which something is new or newly checked, and remembers how
 * far it told. Sends nothing when nothing is new, or when the account is closed.
 * @param rhythms whose turn it is: `daily`, and on the day of the week also `weekly`
 * @returns whether a mail was sent
 * @throws what the mail server says; then the next try tells the same
 */
export async function sendSearchDigest(
  deps: DigestDeps,
  personId: string,
  rhythms: readonly string[],
): Promise<boolean> {
  const account = await accountById(deps.pool, personId);
  if (!account) return false;
  const until = deps.clock.now();
  const { rows: due } = await deps.pool.query<DueSearch>(
    'SELECT id, name, address, told_until FROM saved_search WHERE person_id = $1 AND mail = ANY ($2::text[]) ORDER BY id',
    [personId, rhythms],
  );
  const told: ToldSearch[] = [];
  for (const search of due) {
    const news = await searchNews(deps, account.viewer, {
      address: search.address,
      since: search.told_until,
      limit: NAMED,
    });
    if (news.freshTotal + news.checkedTotal === 0) continue;
    const cards = await resourceCards(deps.pool, account.viewer, [...news.fresh, ...news.checked]);
    const titles = [...news.fresh, ...news.checked].flatMap((id) => {
      const card = cards.get(id);
      const url = deps.config.baseUrl + (card?.url ?? '');
      return card ? [{ title: card.title, url, checked: news.checked.includes(id) }] : [];
    });
    told.push({ ...search, news, titles });
  }
  if (told.length > 0) await deps.mailer.send(digestMessage(deps.config, account.viewer, told));
  await deps.pool.query('UPDATE saved_search SET told_until = $2 WHERE id = ANY ($1::uuid[])', [
    due.map(({ id }) => id),
    until,
  ]);
  return told.length > 0;
}

function digestMessage(
  config: DigestDeps['config'],
  { id, name, email }: { id: string; name: string; email: string },
  told: readonly ToldSearch[],
): Message {
  const t = translator('en');
  const count = told.reduce((sum, { news }) => sum + news.freshTotal + news.checkedTotal, 0);
  return digestMail(
    config,
    { id, email },
    {
      of: 'searches',
      subject: t('digest.subject', { count, name: told[0]?.name ?? '', searches: told.length }),
      parts: [t('digest.hello', { name }), ...told.map((search) => searchText(t, config.baseUrl, search))],
      managePath: '/searches',
    },
  );
}

function searchText(t: Translate, baseUrl: string, { name, address, news, titles }: ToldSearch): string {
  const total = news.freshTotal + news.checkedTotal;
  const newest = address + (address.includes('?') ? '&' : '?');
  return [
    `${name}: ${t('digest.counts', { fresh: news.freshTotal, checked: news.checkedTotal })}`,
    ...titles.map(
      ({ title, url, checked }) => `- ${title}${checked ? ` (${t('digest.checked')})` : ''}\n  ${url}`,
    ),
    ...(total > titles.length ? [t('digest.more', { count: total - titles.length })] : []),
    t('digest.all', { url: `${baseUrl}${newest}sort=newest` }),
  ].join('\n');
}
