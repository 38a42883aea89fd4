// The sums of a month as bytes: JSON with the number of how it was counted, zipped, and checked as it is read back.
import { gunzipSync, gzipSync } from 'node:zlib';
import { COUNTED_AS, type MonthSums } from '../../core/reports/rollup.ts';
import {
  DIMENSIONS,
  emptyArm,
  emptyCell,
  emptyCurrency,
  emptyMails,
  emptyMoved,
  emptyTally,
} from '../../core/reports/tally.ts';
import { damaged, isInstant } from './body.ts';

/** An item holds 400 KB; the rest is room, for nothing is lost where sums are not kept. */
const MAX_BYTES = 350 * 1024;
/** Names repeat, so that sums shrink to a tenth or so; more than this was never written. */
const MAX_UNZIPPED_BYTES = 64 * 1024 * 1024;

/** The bytes of sums, or that they do not fit into an item. */
export const packSums = (sums: MonthSums): Uint8Array | 'too_large' => {
  const bytes = gzipSync(JSON.stringify({ v: COUNTED_AS, ...sums }));
  return bytes.length > MAX_BYTES ? 'too_large' : bytes;
};

type Fits = (value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const all =
  (fits: Fits): Fits =>
  (value) =>
    isObject(value) && Object.values(value).every(fits);

/** Every field of `like` is there, and fits its rule; a field without a rule is to be of the shape of that of `like`. */
const shapedAs =
  (like: object, rules: Readonly<Record<string, Fits>> = {}): Fits =>
  (value) =>
    isObject(value) &&
    Object.entries(like).every(([name, field]: [string, unknown]) => {
      const fits = rules[name] ?? (isObject(field) ? shapedAs(field) : Number.isFinite);
      return fits(value[name]);
    });

const cells = all(shapedAs(emptyCell()));
const sumsByName = all(shapedAs({ n: 0, minor: 0 }));
const counts = all(Number.isFinite);
const { by, days } = emptyCurrency();

const CURRENCY = shapedAs(emptyCurrency(), {
  by: shapedAs(by, Object.fromEntries(DIMENSIONS.map((name) => [name, cells]))),
  causes: sumsByName,
  after: sumsByName,
  lostBecause: sumsByName,
  lostAnswered: sumsByName,
  days: shapedAs(days, { recovered: counts, withdrawn: counts, open: counts }),
  hours: counts,
  ages: all(shapedAs({ minor: 0, square: 0 })),
});

const TALLY = shapedAs(emptyTally(), {
  currencies: all(CURRENCY),
  mails: all(shapedAs(emptyMails())),
  arms: all(shapedAs({ mailed: emptyArm(), held_out: emptyArm() })),
});

const isRef: Fits = (value) =>
  isObject(value) && typeof value.key === 'string' && typeof value.id === 'string';

const SHAPE: Readonly<Record<keyof MonthSums, Fits>> = {
  until: isInstant,
  tallies: all(TALLY),
  movements: all(all(shapedAs(emptyMoved()))),
  days: all(shapedAs({ failed: 0, recovered: 0, lost: 0 })),
  open: (value) => Array.isArray(value) && value.every(isRef),
};

const parsed = (bytes: Uint8Array): unknown =>
  JSON.parse(gunzipSync(bytes, { maxOutputLength: MAX_UNZIPPED_BYTES }).toString());

/**
 * The sums in the bytes of the item `what`; null when another version of Recoup counted them. Throws `DamagedItemError` when
 * they cannot be read.
 */
export const unpackSums = (what: string, bytes: Uint8Array | undefined): MonthSums | null => {
  let value: unknown;
  try {
    value = parsed(bytes ?? new Uint8Array());
  } catch {
    throw damaged(what, 'sums');
  }
  if (!isObject(value) || typeof value.v !== 'number') throw damaged(what, 'sums.v');
  if (value.v !== COUNTED_AS) return null;
  for (const [name, fits] of Object.entries(SHAPE)) {
    if (!fits(value[name])) throw damaged(what, `sums.${name}`);
  }
  const { until, tallies, movements, days: byDay, open } = value as MonthSums & { v: number };
  return { until, tallies, movements, days: byDay, open };
};
