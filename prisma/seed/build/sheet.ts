import type { Block } from './markup.ts';

/** All that a renderer needs to know about one file: its words, its dress and its blocks. */
export interface Sheet {
  title: string;
  /** Small line over the title: subject, grade, kind. */
  kicker: string;
  /** "Answer key" or the like, shown as a label beside the kicker. */
  tag: string | undefined;
  nameLine: boolean;
  /** Licence and author, at the foot of every page. */
  footer: string;
  language: 'en' | 'es';
  /** Body size in points: larger for the youngest. */
  bodySize: number;
  keywords: string[];
  author: string;
  blocks: Block[];
}

/** The fixed words on a sheet, by language. */
export const WORDS = {
  en: {
    name: 'Name',
    date: 'Date',
    page: 'Page',
    of: 'of',
    key: 'For educators',
    grade: 'Grade',
    kinder: 'Kindergarten',
  },
  es: {
    name: 'Nombre',
    date: 'Fecha',
    page: 'Página',
    of: 'de',
    key: 'Para docentes',
    grade: 'Grado',
    kinder: 'Kínder',
  },
} as const;

/** Colours shared by all renderers, without `#` (as Office wants them). */
export const COLORS = {
  ink: '1C2733',
  soft: '55636F',
  accent: '1F5D8A',
  tint: 'EAF2F8',
  rule: 'B8C4CE',
} as const;

/** Creation date in every file, so that a rebuild of the same source gives the same bytes. */
export const FIXED_DATE = new Date('2026-08-01T12:00:00Z');
