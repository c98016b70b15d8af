import { people, type Guarded, type PersonName, type SecretWords } from '../support/guarded-shelf.ts';

/** Whoever looks: a person by the role they hold, or somebody who isn't signed in. */
export type Who = PersonName | 'the public';
export const everyone: Who[] = ['the public', ...(Object.keys(people) as PersonName[])];
export const isSignedIn = (who: Who): who is PersonName => who !== 'the public';

export const authors: Who[] = ['owner', 'co-author'];
/** Staff over the school that the resources belong to. */
const staff: Who[] = ['curator of the district', 'state curator', 'state lead', 'state administrator'];

/** Who is meant by each visibility. Read it as the policy. */
const audience: Record<Guarded['visibility'], Who[]> = {
  public: everyone,
  state: everyone.filter(isSignedIn),
  district: [
    ...authors,
    'teacher of the school',
    'teacher of the district',
    'importer of the district',
    ...staff,
  ],
  school: [...authors, 'teacher of the school', ...staff],
};

const isMeant = (who: Who, { visibility, state }: Guarded): boolean =>
  state === 'held' ? [...authors, ...staff].includes(who) : audience[visibility].includes(who);

/** Finds it on the shelf. */
export const sees = (who: Who, one: Guarded): boolean =>
  (one.state === 'published' || one.state === 'revised' || one.state === 'held') && isMeant(who, one);

/** Learns that it was there. */
export const seesTombstone = (who: Who, one: Guarded): boolean =>
  (one.state === 'withdrawn' || one.state === 'taken down') && isMeant(who, one);

/** Owner or co-author of something that they may still change: nobody works on what was taken down. */
export const writes = (who: Who, one: Guarded): boolean =>
  authors.includes(who) && one.state !== 'purged' && one.state !== 'taken down';

/** Checks what was handed in, before it is published. */
export const judges = (who: Who, one: Guarded): boolean =>
  one.state === 'submitted' &&
  (['curator of the district', 'state curator', 'state lead'] as Who[]).includes(who);

/** A version that is being written is there. */
export const hasDraft = ({ state }: Guarded): boolean => ['draft', 'submitted', 'revised'].includes(state);
export const hasVersions = ({ state }: Guarded): boolean => !['draft', 'submitted'].includes(state);

/** Takes it off the shelf and puts it back. */
export const moves = (who: Who, one: Guarded): boolean =>
  ['published', 'revised', 'held', 'withdrawn', 'taken down'].includes(one.state) &&
  (authors.includes(who) || staff.includes(who));

/** Opens one of its files. */
export function opensFile(who: Who, one: Guarded, file: keyof Guarded['files']): boolean {
  if (writes(who, one) || judges(who, one)) return true;
  if (file === 'next') return false;
  return sees(who, one) && (file === 'open' || isSignedIn(who));
}

/** Whether somebody may come upon a word, wherever they look. */
export function mayRead(who: Who, one: Guarded, kind: keyof SecretWords): boolean {
  if (one.state === 'purged') return false;
  if (authors.includes(who) || judges(who, one)) return true;
  if (kind === 'next') return false;
  if (kind === 'key' || kind === 'late' || kind === 'note') return sees(who, one) && isSignedIn(who);
  return sees(who, one) || (kind === 'title' && one.state === 'withdrawn' && seesTombstone(who, one));
}
