// The pictures of a report as SVG: each with a title and a description, and none without a table beside it.
import type { CurvePoint } from '../../core/reports/curve.ts';
import { safe } from '../safe.ts';

/** As wide as half a desk and as a phone, so that its letters stay readable on both. */
const WIDTH = 420;
const HEIGHT = 230;
const LEFT = 46;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 28;
const PLOT = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM };

const round = (n: number): string => String(Math.round(n * 10) / 10);

/** What a picture says: `id` is its name in the page. */
export type Told = { readonly id: string; readonly title: string; readonly text: string };

const picture = ({ id, title, text }: Told, height: number, shapes: string, more = ''): string =>
  `<svg${more} viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${safe(title)}</title><desc id="${id}-text">${safe(text)}</desc>
${shapes}</svg>`;

/** A small bar behind a figure in a table: decoration, for the figure stands there. */
export const bar = (share: number, look: string): string =>
  `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">` +
  `<rect class="${look}" width="${round(share * 100)}" height="6"/></svg>`;

/** The square that says which part of a picture a row is. */
export const key = (look: string): string => `<span class="key ${look}"></span>`;

/** Parts of a whole, side by side, with a gap between them. */
export const stackedBar = (
  told: Told,
  parts: readonly { readonly look: string; readonly share: number }[],
): string => {
  let x = 0;
  const shapes = parts.map(({ look, share }) => {
    const from = x;
    x += share * WIDTH;
    const width = share * WIDTH;
    return width === 0
      ? ''
      : `<rect class="${look}" x="${round(from)}" width="${round(Math.max(width - 1, 0.75))}" height="16"/>`;
  });
  return picture(told, 16, shapes.join(''), ' class="whole" preserveAspectRatio="none"');
};

/** Steps of one, two or five tens, so that an axis has some four of them. */
const stepOf = (most: number): number => {
  const rough = most / 4;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((one) => one * ten >= rough) ?? 10;
  return nice * ten;
};

const ticks = (most: number, step: number): number[] =>
  Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);

const axisY = (values: readonly number[], most: number, label: (value: number) => string): string =>
  values
    .map((value) => {
      const y = round(TOP + PLOT.height * (1 - value / most));
      return (
        `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/>` +
        `<text class="end" x="${LEFT - 6}" y="${Number(y) + 4}">${safe(label(value))}</text>`
      );
    })
    .join('');

const DAY_STEPS = [1, 2, 7, 14, 30, 60, 90, 180];

/** How the share recovered grows with the days since the failure: a stair, and the band in which it lies. */
export const curveChart = (told: Told, curve: readonly CurvePoint[], seenDays: number): string => {
  const last = Math.max(seenDays, 1);
  const most = Math.min(1, Math.max(0.2, Math.ceil(Math.max(...curve.map(({ high }) => high)) * 5) / 5));
  const x = (day: number): string => round(LEFT + (PLOT.width * Math.min(day, last)) / last);
  const y = (share: number): string => round(TOP + PLOT.height * (1 - Math.min(share, most) / most));
  const stair = (read: (point: CurvePoint) => number, until: number = last): string =>
    `${curve.map((point) => `H${x(point.day)}V${y(read(point))}`).join('')}H${x(until)}`;
  const first = curve[0];
  if (first === undefined) return '';
  // The band goes along the upper bounds and back along the lower ones.
  const back = curve
    .toReversed()
    .map((point, i) => {
      const before = curve[curve.length - 2 - i];
      return `H${x(point.day)}${before ? `V${y(before.low)}` : ''}`;
    })
    .join('');
  const lowest = y(curve.at(-1)?.low ?? 0);
  const band = `M${x(first.day)} ${y(first.high)}${stair(({ high }) => high).replace(/^H[\d.]+V[\d.]+/, '')}V${lowest}${back}Z`;
  const step = DAY_STEPS.find((days) => last / days <= 7) ?? 365;
  const days = ticks(last, step)
    .map((day) => `<text class="mid" x="${x(day)}" y="${HEIGHT - 8}">${day}</text>`)
    .join('');
  const shapes =
    `<path class="band" d="${band}"/>` +
    axisY(ticks(most, most <= 0.4 ? 0.1 : 0.2), most, (share) => `${Math.round(share * 100)} %`) +
    `<path class="curve" d="M${x(0)} ${y(0)}${stair(({ share }) => share)}"/>${days}`;
  return picture(told, HEIGHT, shapes);
};

/** Money of a month. */
export type MonthBar = { readonly label: string; readonly came: number; readonly went: number };

/** What came and what went, month by month, the two side by side. */
export const monthsChart = (
  told: Told,
  months: readonly MonthBar[],
  label: (value: number) => string,
): string => {
  const highest = Math.max(1, ...months.flatMap(({ came, went }) => [came, went]));
  const step = stepOf(highest);
  const most = Math.ceil(highest / step) * step;
  const slot = PLOT.width / months.length;
  const width = Math.min(28, slot * 0.38);
  const hasGone = months.some(({ went }) => went > 0);
  const column = (look: string, value: number, middle: number): string => {
    const height = (PLOT.height * Math.max(0, value)) / most;
    return height === 0
      ? ''
      : `<rect class="${look}" x="${round(middle - width / 2)}" y="${round(TOP + PLOT.height - height)}" ` +
          `width="${round(width)}" height="${round(Math.max(height, 1))}"/>`;
  };
  const every = Math.ceil(months.length / 8);
  const shapes = months.map(({ label: name, came, went }, i) => {
    const middle = LEFT + slot * (i + 0.5);
    const apart = hasGone ? width / 2 + 1 : 0;
    const text =
      i % every === 0 ? `<text class="mid" x="${round(middle)}" y="${HEIGHT - 8}">${safe(name)}</text>` : '';
    return column('recovered', came, middle - apart) + column('lost', went, middle + apart) + text;
  });
  return picture(told, HEIGHT, axisY(ticks(most, step), most, label) + shapes.join(''));
};
