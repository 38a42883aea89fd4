// What is exported, read back as the programs do that it is for.
import { gunzipSync } from 'node:zlib';
import type { Store } from '../../core/ports.ts';
import type { ExportLine } from '../../core/reports/export-lines.ts';
import type { Instant } from '../../core/time.ts';
import { asNdjson, exportCases, type MonthRange } from '../../core/workflows/export-cases.ts';

type CaseLine = Extract<ExportLine, { type: 'case' }>;
type AdjustmentLine = Extract<ExportLine, { type: 'adjustment' }>;

/** Every line of newline JSON, each of which has to end. */
export const linesOf = (text: string): ExportLine[] => {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line does not end');
  return lines.map((line) => JSON.parse(line) as ExportLine);
};

export const unpacked = (body: Uint8Array): ExportLine[] => linesOf(gunzipSync(body).toString('utf8'));

/** The export of some months as text. */
export const exportedText = async (store: Store, range: MonthRange, now: Instant): Promise<string> => {
  let text = '';
  for await (const line of asNdjson(exportCases(store, range, now))) text += line;
  return text;
};

export const casesIn = (lines: readonly ExportLine[]): CaseLine[] =>
  lines.filter((line) => line.type === 'case');

export const adjustmentsIn = (lines: readonly ExportLine[]): AdjustmentLine[] =>
  lines.filter((line) => line.type === 'adjustment');
