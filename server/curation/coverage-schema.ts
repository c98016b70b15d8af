import { z } from 'zod';
import { isGrade, type Grade } from '../lib/grade.ts';
import { asUuid } from '../lib/uuid5.ts';

/** What the columns of the table are. */
export const AXES = ['level', 'type', 'language', 'license', 'district'] as const;
export type Axis = (typeof AXES)[number];

/** So many resources are enough, unless told. */
const ENOUGH = 3;
const MOST_ENOUGH = 50;

/** What was chosen, read from the address. */
export type CoverageChoice = {
  /** GUID or slug; empty: the state's first. */
  framework: string;
  grade: Grade | null;
  /** GUID of a top item of the framework. */
  strand: string | null;
  across: Axis;
  /** Only resources that were checked. */
  checked: boolean;
  /** Fewer than this are thin. */
  enough: number;
  /** Slug of the district whose resources count; empty: of the whole state. */
  district: string;
  page: number;
};

const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0]?.trim().slice(0, 200) ?? '');
const number = (least: number, most: number, otherwise: number) =>
  one.transform((text) => {
    const value = Number(text);
    return text !== '' && Number.isInteger(value) && value >= least && value <= most ? value : otherwise;
  });

/** Never throws: what can't be read is as if it weren't there. */
export const coverageQuery = z
  .object({
    framework: one,
    grade: one.transform((grade) => (isGrade(grade) ? grade : null)),
    strand: one.transform((text) => asUuid(text) ?? null),
    across: one.pipe(z.enum(AXES).catch('level')),
    count: one,
    enough: number(1, MOST_ENOUGH, ENOUGH),
    district: one,
    page: number(1, 10_000, 1),
  })
  .transform(({ count, ...rest }): CoverageChoice => ({ ...rest, checked: count === 'checked' }));

/** The address of a choice; what is as it would be anyway stays out. */
export function coverageUrl(choice: CoverageChoice, path = '/curate/coverage'): string {
  const query = new URLSearchParams();
  const add = (name: string, value: string, usual = ''): void => {
    if (value !== usual) query.set(name, value);
  };
  add('framework', choice.framework);
  add('grade', choice.grade ?? '');
  add('strand', choice.strand ?? '');
  add('across', choice.across, 'level');
  add('count', choice.checked ? 'checked' : '');
  add('enough', String(choice.enough), String(ENOUGH));
  add('district', choice.district);
  add('page', String(choice.page), '1');
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}
