/** Simple figures of the part Markdown, each returned as SVG text; sizes are in points (1 px = 1 pt). */

const INK = '#1c2733';
const BLUE = '#1f5d8a';
const SHADE = '#bcd9ee';
const FAINT = '#c9d1d9';
const FONT = 'font-family="Source Sans 3"';

const svg = (width: number, height: number, body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
const text = (x: number, y: number, content: string, extra = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${FONT} font-size="12" fill="${INK}" text-anchor="middle" ${extra}>${content}</text>`;
const stroke = (x1: number, y1: number, x2: number, y2: number, width = 1, color = INK) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${color}" stroke-width="${width}"/>`;

/** `3/4` → 0.75, `1 1/2` isn't possible in a directive; plain numbers as they are. */
function toNumber(value: string): number {
  const [over = '', under] = value.split('/');
  return under === undefined ? Number(over) : Number(over) / Number(under);
}

const round = (value: number) => Number(value.toFixed(4));

/** A fraction stacked over its bar, as figures show it. */
function stacked(x: number, y: number, value: string, color = INK): string {
  const [over = '', under] = value.split('/');
  if (under === undefined) return text(x, y + 4, over, `style="fill:${color}"`);
  const half = Math.max(over.length, under.length) * 3.4 + 1;
  const style = `style="fill:${color}"`;
  return (
    text(x, y, over, style) +
    stroke(x - half, y + 3, x + half, y + 3, 0.9, color) +
    text(x, y + 14, under, style)
  );
}

/**
 * `:::numberline start end parts [labels=all|ends|none] [points=3/4:A,1] [step=label step]`: an axis with
 * `parts` equal spaces. Whole numbers are labelled unless told otherwise.
 */
export function numberLine(values: string[], options: Record<string, string>): string {
  const start = toNumber(values[0] ?? '0');
  const end = toNumber(values[1] ?? '1');
  const parts = Math.max(1, Math.round(Number(values[2] ?? 1)));
  const [left, right, axis] = [24, 456, 34];
  const x = (value: number) => left + ((right - left) * (value - start)) / (end - start);
  const labels = options.labels ?? 'whole';
  const step = Number(options.step ?? 0);
  const perUnit = round(parts / (end - start));
  const many = parts > 24 && labels === 'whole' ? Math.ceil((end - start) / 12) : 1;
  let body = stroke(left - 14, axis, right + 14, axis, 1.4);
  body += `<path d="M${left - 18} ${axis} l8 -4 v8z M${right + 18} ${axis} l-8 -4 v8z" fill="${INK}"/>`;
  for (let tick = 0; tick <= parts; tick++) {
    const value = round(start + ((end - start) * tick) / parts);
    const whole = Number.isInteger(value);
    body += stroke(x(value), axis - (whole ? 9 : 6), x(value), axis + (whole ? 9 : 6), whole ? 1.4 : 1);
    const isEnd = tick === 0 || tick === parts;
    const shown =
      labels === 'all' ||
      (labels === 'ends' && isEnd) ||
      (labels === 'whole' &&
        (step > 0 ? round(value / step) % 1 === 0 : isEnd || (whole && (value - start) % many === 0)));
    if (!shown) continue;
    const fraction =
      whole || !Number.isInteger(perUnit)
        ? String(value).replace('-', '−')
        : `${Math.round(value * perUnit)}/${perUnit}`;
    body += stacked(x(value), axis + 22, fraction);
  }
  for (const point of (options.points ?? '').split(',').filter(Boolean)) {
    const [at = '0', name] = point.split(':');
    body += `<circle cx="${x(toNumber(at)).toFixed(1)}" cy="${axis}" r="4.5" fill="${BLUE}"/>`;
    if (name) body += text(x(toNumber(at)), axis - 15, name, `font-weight="bold" style="fill:${BLUE}"`);
  }
  return svg(480, 76, body);
}

/** `:::fractionbar 3/4 2/3 [labels=none]`: one bar a fraction, aligned, the wholes equally long. `0/4` is unshaded. */
export function fractionBars(values: string[], options: Record<string, string>): string {
  const labelled = options.labels !== 'none';
  const width = 360;
  const height = 34;
  let body = '';
  for (const [index, value] of values.entries()) {
    const [over = 0, under = 1] = value.split('/').map(Number);
    const top = index * (height + 12) + 2;
    const wholes = Math.max(1, Math.ceil(over / under));
    const whole = (width - (wholes - 1) * 8) / wholes;
    for (let part = 0; part < wholes * under; part++) {
      const at = 44 + Math.floor(part / under) * (whole + 8) + ((part % under) * whole) / under;
      body += `<rect x="${at.toFixed(2)}" y="${top}" width="${(whole / under).toFixed(2)}" height="${height}" fill="${part < over ? SHADE : '#fff'}" stroke="${INK}" stroke-width="1.1"/>`;
    }
    if (labelled) body += stacked(20, top + 13, value);
  }
  return svg(410, values.length * (height + 12) - 8, body);
}

/** `:::grid rows columns [shade=n] [size=0.6]`: squares of `size` cm, the first `n` shaded row by row. */
export function gridSvg(values: string[], options: Record<string, string>): string {
  const rows = Number(values[0] ?? 10);
  const columns = Number(values[1] ?? 10);
  const cell = Math.min(parseFloat(options.size ?? '0.6') * 28.35, 470 / columns);
  const shaded = Number(options.shade ?? 0);
  let body = '';
  for (let index = 0; index < rows * columns; index++) {
    const [row, column] = [Math.floor(index / columns), index % columns];
    body += `<rect x="${(1 + column * cell).toFixed(2)}" y="${(1 + row * cell).toFixed(2)}" width="${cell.toFixed(2)}" height="${cell.toFixed(2)}" fill="${index < shaded ? SHADE : '#fff'}" stroke="#8794a1" stroke-width="0.8"/>`;
  }
  body += `<rect x="1" y="1" width="${(columns * cell).toFixed(2)}" height="${(rows * cell).toFixed(2)}" fill="none" stroke="${INK}" stroke-width="1.4"/>`;
  return svg(Math.ceil(columns * cell + 2), Math.ceil(rows * cell + 2), body);
}

/**
 * `:::plane xmin xmax ymin ymax [step=1] [points=A(1,2),B(3,4)] [lines=2x+1,-0.5x+3] [size=8] [x=label] [y=label]`:
 * a coordinate plane `size` cm wide; underscores in labels are spaces.
 */
export function planeSvg(values: string[], options: Record<string, string>): string {
  const [xMin = -10, xMax = 10, yMin = -10, yMax = 10] = values.map(Number);
  const xStep = Number(options.step ?? options.xstep ?? 1);
  const yStep = Number(options.step ?? options.ystep ?? 1);
  const side = parseFloat(options.size ?? '8') * 28.35;
  const [left, top] = [30, 22];
  const tall = options.ratio
    ? side * Number(options.ratio)
    : Math.min(side * 1.2, (side * (yMax - yMin) * xStep) / ((xMax - xMin) * yStep));
  const x = (value: number) => left + (side * (value - xMin)) / (xMax - xMin);
  const y = (value: number) => top + (tall * (yMax - value)) / (yMax - yMin);
  const [axisX, axisY] = [x(Math.max(0, xMin)), y(Math.max(0, yMin))];
  let body = '';
  const every = (range: number, step: number) => (range / step > 12 ? 2 * step : step);
  for (let value = xMin; value <= xMax + 1e-9; value = round(value + xStep)) {
    body += stroke(x(value), y(yMin), x(value), y(yMax), 0.6, FAINT);
    if (round(value / every(xMax - xMin, xStep)) % 1 === 0 && value !== 0)
      body += text(x(value), axisY + 13, String(value).replace('-', '−'), 'style="font-size:10px"');
  }
  for (let value = yMin; value <= yMax + 1e-9; value = round(value + yStep)) {
    body += stroke(x(xMin), y(value), x(xMax), y(value), 0.6, FAINT);
    if (round(value / every(yMax - yMin, yStep)) % 1 === 0 && value !== 0)
      body += text(
        axisX - 4,
        y(value) + 3.5,
        String(value).replace('-', '−'),
        'style="font-size:10px;text-anchor:end"',
      );
  }
  body += stroke(x(xMin), axisY, x(xMax) + 6, axisY, 1.4) + stroke(axisX, y(yMin), axisX, y(yMax) - 6, 1.4);
  body += text(axisX - 6, axisY + 12, '0', 'style="font-size:10px"');
  const label = (name: string) => name.replaceAll('_', ' ');
  body += text(
    x(xMax) + 4,
    axisY - 6,
    label(options.x ?? 'x'),
    'font-style="italic" style="text-anchor:end"',
  );
  body += text(
    axisX + 6,
    y(yMax) - 9,
    label(options.y ?? 'y'),
    'font-style="italic" style="text-anchor:start"',
  );
  for (const line of (options.lines ?? '').split(',').filter(Boolean))
    body += planeLine(line, xMin, xMax, yMin, yMax, x, y);
  for (const point of (options.points ?? '').matchAll(/([A-Za-z]?'?)\((-?[\d.]+),(-?[\d.]+)\)/g)) {
    const [px, py] = [x(Number(point[2])), y(Number(point[3]))];
    body += `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3.6" fill="${BLUE}"/>`;
    if (point[1]) body += text(px + 8, py - 6, point[1], `font-weight="bold" style="fill:${BLUE}"`);
  }
  return svg(Math.ceil(left + side + 16), Math.ceil(top + tall + 20), body);
}

/** A line `mx+b` clipped to the window of the plane. */
function planeLine(
  equation: string,
  xMin: number,
  xMax: number,
  yMin: number,
  yMax: number,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const match = /^(?:(-?[\d./]*)x)?([+-]?[\d./]+)?$/.exec(equation);
  if (!match) throw new Error(`A line must look like 2x+1 or -1/2x, not ${equation}`);
  const coefficient = match[1];
  const slope =
    coefficient === undefined ? 0 : coefficient === '' ? 1 : coefficient === '-' ? -1 : toNumber(coefficient);
  const constant = match[2] ? toNumber(match[2].replace('+', '')) : 0;
  const inside: [number, number][] = [];
  const add = (px: number, py: number) => {
    if (px >= xMin - 1e-9 && px <= xMax + 1e-9 && py >= yMin - 1e-9 && py <= yMax + 1e-9)
      inside.push([px, py]);
  };
  for (const px of [xMin, xMax]) add(px, slope * px + constant);
  if (slope !== 0) for (const py of [yMin, yMax]) add((py - constant) / slope, py);
  inside.sort((a, b) => a[0] - b[0]);
  const [first, last] = [inside[0], inside.at(-1)];
  return first && last ? stroke(x(first[0]), y(first[1]), x(last[0]), y(last[1]), 1.8, BLUE) : '';
}
