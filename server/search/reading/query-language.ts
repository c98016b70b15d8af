import { foldText, foldedWords } from './query-tokens.ts';

/** Words that only one of the two languages has, folded: whoever writes one of them writes in that language. */
const SIGNS: Record<'en' | 'es', ReadonlySet<string>> = {
  en: new Set(
    'the of and with for from to how what why in on about is are an at by story stories lesson lessons grade'.split(
      ' ',
    ),
  ),
  es: new Set(
    'el los las del que como para con por una unos unas cuento cuentos leccion lecciones grado y en sobre de la'.split(
      ' ',
    ),
  ),
};
/** How words end in Spanish, and in English hardly ever. */
const SPANISH = /(?:cion|ciones|dades|idad|ario|aria|ientos?|cias|ñ\p{L}*)$/u;

/**
 * The language in which a query is written, as far as it can be told from everyday words, endings and signs: English or
 * Spanish, else null. What is written in other letters is neither.
 */
export function queryLanguage(q: string): 'en' | 'es' | null {
  const lower = q.normalize('NFC').toLowerCase();
  if (/[¿¡ñ]/u.test(lower)) return 'es';
  const words = foldedWords(q);
  const signs = (language: 'en' | 'es'): number =>
    words.filter((word) => SIGNS[language].has(word)).length +
    (language === 'es' ? words.filter((word) => SPANISH.test(foldText(word))).length : 0);
  const [english, spanish] = [signs('en'), signs('es')];
  if (english === spanish) return null;
  return english > spanish ? 'en' : 'es';
}
