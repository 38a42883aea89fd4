// The door of the export: once a day the cases of each of the last months, as one object a month.
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PutObject } from '../adapters/s3/bucket.ts';
import type { Store } from '../core/ports.ts';
import { EXPORT_VERSION } from '../core/reports/export-lines.ts';
import { addMs, monthOf, startOfMonth, toMs, type Instant } from '../core/time.ts';
import { asNdjson, exportCases } from '../core/workflows/export-cases.ts';

export type ExportDeps = {
  readonly store: Store;
  readonly put: PutObject;
  readonly now: () => Instant;
};

/** What a run has put, the newest month first. */
export type Exported = {
  readonly months: readonly { readonly name: string; readonly lines: number; readonly bytes: number }[];
};

/** The present month and those before it: money of a case moves for a good year after it was opened. */
export const MONTHS_A_RUN = 14;

/** The function has 15 minutes; what a month takes that is begun by then fits into the rest. */
const STOP_AFTER_MS = 12 * 60_000;

/** What one request puts, and the function's memory holds, in bytes: about a million cases a month. */
const MAX_BYTES = 100_000_000;

const monthBefore = (month: string): string => monthOf(addMs(startOfMonth(month), -1));

/** The last months, the present one first: what changes most is put first. */
const lastMonths = (now: Instant): readonly string[] => {
  const months = [monthOf(now)];
  while (months.length < MONTHS_A_RUN) months.push(monthBefore(months.at(-1) ?? ''));
  return months;
};

/** Where a month stands in the bucket. */
export const objectName = (month: string): string => `cases/v${EXPORT_VERSION}/month=${month}.ndjson.gz`;

const exportMonth = async (
  { store, put, now }: ExportDeps,
  month: string,
  maxBytes: number,
): Promise<Exported['months'][number]> => {
  let [lines, bytes] = [0, 0];
  const parts: Uint8Array[] = [];
  const counted = async function* () {
    for await (const line of asNdjson(exportCases(store, { from: month, to: month }, now()))) {
      lines += 1;
      yield line;
    }
  };
  await pipeline(counted, createGzip(), async (packed: AsyncIterable<Uint8Array>) => {
    for await (const part of packed) {
      bytes += part.byteLength;
      if (bytes > maxBytes)
        throw new Error(`it is larger than ${maxBytes / 1_000_000} MB: export it with npx recoup export`);
      parts.push(part);
    }
  });
  const name = objectName(month);
  await put(name, Buffer.concat(parts));
  return { name, lines, bytes };
};

/**
 * Makes the handler. A month that cannot be exported keeps its object of before and holds up no other; at
 * the end one error names each with its reason.
 */
export const makeExport =
  (deps: ExportDeps, maxBytes: number = MAX_BYTES) =>
  async (): Promise<Exported> => {
    const start = deps.now();
    const months: Exported['months'][number][] = [];
    const failed: string[] = [];
    for (const month of lastMonths(start)) {
      try {
        if (toMs(deps.now()) - toMs(start) >= STOP_AFTER_MS) throw new Error('no time was left for it');
        months.push(await exportMonth(deps, month, maxBytes));
      } catch (error) {
        failed.push(`${month}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (failed.length > 0) throw new Error(`not exported:\n${failed.join('\n')}`);
    return { months };
  };
