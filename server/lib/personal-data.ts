/** What looks like data of students, and where. `sample` is cut so that it tells what was meant without repeating it. */
export type PersonalData = { kind: 'grades' | 'id' | 'ssn' | 'birth'; sample: string };

/** A name as rosters have it: "Ana Ríos", "Ríos, Ana", "Ana R." */
const given = "\\p{Lu}[\\p{Ll}'’-]{1,20}";
const name = `(?:${given},\\s?${given}(?:\\s\\p{Lu}\\.)?|${given}\\s(?:\\p{Lu}\\.|(?:de la |de |van |von )?${given}(?:[ -]${given})?))`;
/** A mark beside it: 87 %, 17/20, B+, 92, "absent". */
const mark = `(?:\\d{1,3}\\s?%|\\d{1,3}\\s?/\\s?\\d{2,3}|[A-F][+-]?(?=[\\s,;|]|$)|\\b(?:100|[1-9]\\d)(?=[\\s,;|]|$)|absent|IEP|504)`;
const rosterLine = new RegExp(
  `^\\W{0,6}(?:\\d{1,3}[.)]?\\s+)?(${name})[\\s,;:|–-]{1,40}(?:\\S{1,12}[\\s,;:|]{1,20}){0,6}?${mark}`,
  'u',
);

/** So many lines one near the other make a list of people; a single one is a story or an author. */
const ROSTER = 3;
const NEAR = 6;

const studentId =
  /\b(?:student|pupil|alumn[oa]|state|school|SSID|estudiante)\s?(?:id(?:entification)?|no|number|nr|núm(?:ero)?)\.?\s{0,2}[:#]?\s{0,2}([A-Z]{0,3}\d{5,12})\b/iu;
const ssn = /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/;
const birth =
  /\b(?:born|birth ?date|date of birth|d\.?o\.?b\.?|fecha de nacimiento)\s{0,2}[:]?\s{0,2}(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2})/iu;

/** Words that begin headings and exercises and would pass for a given name. */
const noNames = new Set(
  'Question Problem Task Grade Unit Lesson Page Part Step Week Day Chapter Section Figure Table Total Group Level Score Test Quiz Points Standard Name Answer Exercise Example Activity Station Round Item Version Room Period Class Team Problema Pregunta Tarea Grado Parte Paso Semana Grupo Nivel The And Your January February March April May June July August September October November December Monday Tuesday Wednesday Thursday Friday'.split(
    ' ',
  ),
);

/**
 * Looks for what should not be on a shelf of lessons: lists of names beside marks, numbers of students, social security
 * numbers, dates of birth. It warns and misses some; it never says that there is nothing.
 * @param texts the title, the description, each page: what stands together is looked at together
 * @returns one finding a kind, at most
 */
export function findPersonalData(texts: readonly string[]): PersonalData[] {
  const found = new Map<PersonalData['kind'], PersonalData>();
  const add = (kind: PersonalData['kind'], sample: string): void => {
    if (!found.has(kind)) found.set(kind, { kind, sample });
  };
  for (const text of texts) {
    for (const [kind, pattern] of [
      ['ssn', ssn],
      ['id', studentId],
      ['birth', birth],
    ] as const) {
      const hit = pattern.exec(text)?.[0];
      if (hit) add(kind, masked(hit));
    }
    const roster = rosterOf(text.split('\n'));
    if (roster) add('grades', masked(roster));
  }
  return [...found.values()];
}

/** The first line of a list of people with marks. */
function rosterOf(lines: string[]): string | undefined {
  const hits: { at: number; line: string }[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.length > 400) continue;
    const who = rosterLine.exec(line)?.[1];
    if (who === undefined || noNames.has(who.split(/[\s,]/)[0] ?? '')) continue;
    hits.push({ at, line });
    const [first] = hits.slice(-ROSTER);
    if (hits.length >= ROSTER && first && at - first.at <= NEAR) return first.line.trim();
  }
  return undefined;
}

/** The first letters of each word and number. */
const masked = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .slice(0, 80)
    .replace(/[\p{L}\d]+/gu, (word) => (word.length < 2 ? word : `${word.slice(0, 1)}…`));
