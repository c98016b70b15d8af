/** Colours as six hexadecimal digits, and whether they can be read. Pure. */

type Rgb = [number, number, number];

/** The backgrounds and inks of public/css/tokens.css that an accent stands on or under. */
const LIGHT = { paper: 'f5f6f1', sheet: 'ffffff', well: 'e9ebe3', on: 'ffffff' };
const DARK = { paper: '121513', sheet: '1a1e1c', well: '252b28', on: '06261c' };
/** WCAG 2.2 AA for text. */
const ENOUGH = 4.5;

const rgb = (hex: string): Rgb => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const hex = (parts: Rgb): string =>
  parts
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('');

/** How bright a colour is to the eye, 0 to 1 (WCAG's relative luminance). */
function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG's contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const mix = (a: string, b: string, share: number): string => {
  const [from, to] = [rgb(a), rgb(b)];
  return hex(from.map((part, at) => part * (1 - share) + (to[at] ?? 0) * share) as Rgb);
};

export type Scheme = 'light' | 'dark';

/** The accent with what goes with it in one scheme: text on it, and a wash of it behind text. */
interface Accent {
  accent: string;
  on: string;
  wash: string;
}

/** What stands beside an accent in a scheme. */
function accentOf(colour: string, scheme: Scheme): Accent {
  const { paper, on } = scheme === 'light' ? LIGHT : DARK;
  return { accent: colour, on, wash: mix(paper, colour, scheme === 'light' ? 0.12 : 0.18) };
}

/** The least contrast that an accent has with anything it meets in a scheme. */
export function leastContrast(colour: string, scheme: Scheme): number {
  const { paper, sheet, well } = scheme === 'light' ? LIGHT : DARK;
  const { on, wash } = accentOf(colour, scheme);
  return Math.min(...[paper, sheet, well, on, wash].map((other) => contrast(colour, other)));
}

/** Whether links and buttons of this colour can be read. */
export const isReadable = (colour: string, scheme: Scheme): boolean =>
  leastContrast(colour, scheme) >= ENOUGH;

/** The colour nearest to this one, of its own hue, that can be read: darker in the light, lighter in the dark. */
export function nearestReadable(colour: string, scheme: Scheme): string {
  const end = scheme === 'light' ? '000000' : 'ffffff';
  for (let step = 0; step <= 100; step += 1) {
    const tried = mix(colour, end, step / 100);
    if (isReadable(tried, scheme)) return tried;
  }
  return end;
}

/** The stylesheet of an accent in both schemes; it overrides the tokens, which are in a layer. */
export function accentSheet(light: string, dark: string): string {
  const [day, night] = [accentOf(light, 'light'), accentOf(dark, 'dark')];
  const pair = (name: keyof Accent): string => `light-dark(#${day[name]}, #${night[name]})`;
  return `:root{--accent:${pair('accent')};--on-accent:${pair('on')};--wash:${pair('wash')}}\n`;
}
