// A report as files to hand on: the invoices as CSV, everything as an Excel workbook, everything as a page.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { invoicesCsv } from '../core/reports/csv.ts';
import { invoicesInWords } from '../core/reports/words.ts';
import type { ReportWithRows } from '../core/workflows/read-report.ts';
import { reportPage } from '../web/report/page.ts';
import { UserError } from './user-error.ts';

/** The forms in which a report can be written, and where to. */
export type ReportFiles = { readonly csv?: string; readonly xlsx?: string; readonly html?: string };
type Form = keyof ReportFiles;

/** One of them. */
export type AskedFile = { readonly form: Form; readonly file: string };

const FORMS = ['csv', 'xlsx', 'html'] as const satisfies readonly Form[];

const bytesOf: Readonly<Record<Form, (told: ReportWithRows, where: string) => Promise<string | Uint8Array>>> =
  {
    csv: async ({ rows }) => invoicesCsv(rows),
    xlsx: async ({ report, rows }, where) => {
      // Only who asks for a workbook waits for the library to load.
      const { reportWorkbook } = await import('../adapters/xlsx/workbook.ts');
      return reportWorkbook(report, rows, where);
    },
    html: async ({ report, rows }, where) => reportPage(report, rows, where),
  };

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder: make it first',
  ENOTDIR: 'what it names as a folder is a file',
  EISDIR: 'it is a folder: name a file in it',
  EACCES: 'it may not be written by you: name another file',
  EPERM: 'it may not be written by you: name another file',
  EROFS: 'nothing can be written there: name another file',
  EBUSY: 'another program holds it: close it there, or name another file',
  ENOSPC: 'the disk is full',
};

const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1000))} KB`;

/** Why a file cannot be written, with what to do; what is no error of the file system comes back unchanged. */
export const cannotWrite = (file: string, error: unknown): unknown => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || !('syscall' in error)) return error;
  return new UserError(`${file} cannot be written: ${WHAT_TO_DO[code] ?? message}`);
};

/** Writes a file over what is there. Throws {@link UserError} with what to do when it cannot be written. */
export const writeFileOf = async (file: string, content: string | Uint8Array): Promise<void> => {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw cannotWrite(file, error);
  }
};

/** The forms that are asked for. Throws {@link UserError} when one file is named for two of them. */
export const askedFor = (files: ReportFiles): readonly AskedFile[] => {
  const asked = FORMS.flatMap((form) => {
    const file = files[form];
    return file === undefined ? [] : [{ form, file }];
  });
  const twice = asked.find(({ file }, i) =>
    asked.slice(0, i).some((other) => resolve(other.file) === resolve(file)),
  );
  if (twice) throw new UserError(`--${twice.form} names ${twice.file}, which another form is written to`);
  return asked;
};

/**
 * Writes each file, over what is there, and tells of each in a line: what it is, how many invoices, how
 * large. Throws {@link UserError} with what to do when one cannot be written; those before it are there.
 */
export const writeReportFiles = async (
  files: readonly AskedFile[],
  told: ReportWithRows,
  where: string,
): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const { form, file } of files) {
    const content = await bytesOf[form](told, where);
    await writeFileOf(file, content);
    lines.push(`${file}: ${invoicesInWords(told.rows.length)}, ${kilobytes(Buffer.byteLength(content))}`);
  }
  return lines;
};
