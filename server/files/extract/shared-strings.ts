import type { BoundedZip } from '../zip-reader.ts';
import { parsePart } from './package-parts.ts';

/**
 * The strings that stand in many cells of a workbook and are kept once, in a list that has to be in memory (ECMA-376
 * 18.4.9), without their phonetic readings.
 * @param mostCharacters reading stops behind so many; `complete` is then false
 * @throws ZipError for a broken package
 */
export async function readSharedStrings(
  zip: BoundedZip,
  mostCharacters: number,
): Promise<{ strings: string[]; complete: boolean }> {
  const strings: string[] = [];
  let characters = 0;
  let current = '';
  let inText = false;
  let phonetic = 0;
  await parsePart(
    zip,
    'xl/sharedStrings.xml',
    {
      open: (name) => {
        if (name === 'si') current = '';
        else if (name === 'rPh') phonetic += 1;
        else if (name === 't') inText = true;
      },
      close: (name) => {
        if (name === 't') inText = false;
        else if (name === 'rPh') phonetic -= 1;
        else if (name === 'si') {
          strings.push(current);
          characters += current.length;
        }
      },
      text: (text) => {
        if (inText && phonetic === 0) current += text;
      },
    },
    () => characters > mostCharacters,
  );
  return { strings, complete: characters <= mostCharacters };
}
