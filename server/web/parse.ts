import { z } from 'zod';
import { badRequest, invalid, notFound, type FieldFault } from '../errors.ts';
import { isMessageKey } from '../locale/locale.ts';

/** NUL can't be stored by PostgreSQL, and lone surrogates can't be encoded: neither is text anybody typed. */
export const cleanText = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** One line of text: trimmed, white space folded. */
export const line = (max: number) =>
  z
    .string()
    .transform((value) => cleanText(value).replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(max, 'fault.tooLong'));

/** Text of several lines; line ends become \n. */
export const text = (max: number) =>
  z
    .string()
    .transform((value) => cleanText(value).replace(/\r\n?/g, '\n').trim())
    .pipe(z.string().max(max, 'fault.tooLong'));

/** A parameter that may come once, several times or not at all, as a list of cleaned, distinct strings. */
export const list = (maxItems = 200, maxLength = 300) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) =>
      [
        ...new Set(
          (value === undefined ? [] : Array.isArray(value) ? value : [value])
            .map((item) => cleanText(item).trim())
            .filter((item) => item !== '' && item.length <= maxLength),
        ),
      ].slice(0, maxItems),
    );

/** A parameter that may come once, several times or not at all: the first; empty where there is none. */
export const one = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => [value].flat()[0] ?? '');

/** The page of a list that was asked for; the first where it can't be read: a list is no place to argue. */
export const pageNumber = one.transform((value) => (/^[1-9]\d{0,8}$/.test(value) ? Number(value) : 1));

/** What is looked for in a list: one line, cut where it is too long. */
export const lookedFor = one.pipe(z.string().transform((value) => value.slice(0, 400))).pipe(line(400));

/** A checkbox of the value `yes`: whether it was ticked. */
export const ticked = z
  .string()
  .optional()
  .transform((value) => value === 'yes');

/** An id in an address. */
export const id = z.uuid().transform((value) => value.toLowerCase());

/**
 * Reads path parameters: an address with an impossible id is an address where there is nothing.
 * @throws 404
 */
export function parseParams<T extends z.ZodType>(schema: T, params: unknown): z.output<T> {
  const result = schema.safeParse(params);
  if (!result.success) throw notFound();
  return result.data;
}

/**
 * Reads a form body; Express leaves it undefined where there was none.
 * @throws 422 with a fault for each field
 */
export function parseForm<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body ?? {});
  if (!result.success) throw invalid(...faultsOf(result.error));
  return result.data;
}

/**
 * Reads a query string.
 * @throws 400 with a fault for each parameter
 */
export function parseQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  const result = schema.safeParse(query);
  if (!result.success) throw badRequest(...faultsOf(result.error));
  return result.data;
}

/**
 * The faults of a zod error. A schema gives message keys as its messages (`max(80, 'fault.tooLong')`); what zod
 * says in its own words becomes a plain "can't be read".
 */
export function faultsOf(error: z.ZodError): FieldFault[] {
  return error.issues.map((issue) => {
    const params = {
      ...('maximum' in issue ? { max: Number(issue.maximum) } : {}),
      ...('minimum' in issue ? { min: Number(issue.minimum) } : {}),
    };
    return {
      field: issue.path.map(String).join('.'),
      key: isMessageKey(issue.message) ? issue.message : 'fault.unreadable',
      params,
    };
  });
}
