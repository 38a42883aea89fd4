// A digest as the mail that it becomes: subject, text, HTML, and the files that go with it.
import { alertInWords, type Alert } from '../../core/reports/alerts.ts';
import { invoicesCsv } from '../../core/reports/csv.ts';
import { digestText } from '../../core/reports/digest.ts';
import { dayText } from '../../core/reports/watch.ts';
import type { MadeDigest } from '../../core/workflows/make-digest.ts';
import { reportPage } from '../report/page.ts';
import { digestHtml } from './mail.ts';

/** A file that goes with a mail. */
export type LetterFile = { readonly name: string; readonly type: string; readonly content: string };

/** A mail without whom it is from and to. `html`: null = text alone. */
export type Letter = {
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly files: readonly LetterFile[];
};

/** Many mailboxes refuse a mail of more than 10 MB, and what is attached grows by a third on its way. */
export const MAX_FILES_BYTES = 7_000_000;

/** As many of the files, in their order, as a mail can carry; and what to say of those left out. */
const carried = (files: readonly LetterFile[]): { taken: readonly LetterFile[]; said: readonly string[] } => {
  let bytes = 0;
  const taken: LetterFile[] = [];
  const said: string[] = [];
  for (const file of files) {
    const size = new TextEncoder().encode(file.content).length;
    const fits = bytes + size <= MAX_FILES_BYTES;
    if (fits) {
      bytes += size;
      taken.push(file);
    }
    said.push(fits ? file.name : `${file.name} is too large for a mail (recoup digest --out DIR writes it)`);
  }
  return { taken, said };
};

/**
 * The mail of a digest, with the invoices as CSV and the whole report as a page. `where` says what was read.
 */
export const digestLetter = (made: MadeDigest, name: string, where: string): Letter => {
  const { taken, said } = carried([
    { name: `recoup-${name}.csv`, type: 'text/csv', content: invoicesCsv(made.rows) },
    { name: `recoup-${name}.html`, type: 'text/html', content: reportPage(made.report, made.rows, where) },
  ]);
  return {
    subject: made.digest.subject,
    text: digestText(made.digest, said),
    html: digestHtml(made.digest, said),
    files: taken,
  };
};

/** The mail of what has to be looked at, in plain text: it is read on a phone, and at once. */
export const alertsLetter = (alerts: readonly Alert[], where: string): Letter => {
  const [first] = alerts;
  const day = first === undefined ? '' : dayText(first.day);
  return {
    subject: `Recoup: to be looked at, ${day}`,
    text: [
      ...alerts.map(alertInWords).flatMap(({ says, lookAt }) => [says, lookAt, '']),
      `From ${where}. How these limits come about: docs/reports.md, Digest and alerts.`,
      '',
    ].join('\n'),
    html: null,
    files: [],
  };
};
