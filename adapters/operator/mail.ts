// What the business is told by mail: every word of it, as plain text.
import { formatMoney } from '../../core/money.ts';
import type { MailInvoice, OperatorNotice, Sender } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import { headerName, inertNumber, oneLine, shorten } from '../email/inert.ts';

/**
 * A mail to the business itself. That of a notice is plain text, and has nothing in it of who the customer
 * is; that of figures has files.
 */
export type OperatorMail = {
  readonly to: string;
  readonly from: { readonly name: string; readonly email: string };
  readonly replyTo: string;
  readonly subject: string;
  readonly text: string;
  /** Null or absent = text alone. */
  readonly html?: string | null;
  readonly files?: readonly { readonly name: string; readonly type: string; readonly content: string }[];
};

const MAX_SUBJECT = 120;
/** More invoices than this are counted, not listed. */
const MAX_ROWS = 20;
const LABEL_WIDTH = 15;

/** `2026-03-02 10:00 UTC` */
const moment = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

const invoiceLine = ({ number, amount }: MailInvoice): string =>
  `${inertNumber(number) ?? 'without a number'}: ${formatMoney(amount, 'en')}`;

const invoiceLines = ({ invoices, totals }: OperatorNotice): string[] => {
  const hidden = invoices.length - MAX_ROWS;
  const inAll = totals.map((total) => formatMoney(total, 'en')).join(', ');
  return [
    ...invoices.slice(0, MAX_ROWS).map(invoiceLine),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...(invoices.length > 1 ? [`in all: ${inAll}`] : []),
  ];
};

/** A label and its lines, the lines under each other. */
const entry = (label: string, lines: readonly string[]): string[] =>
  lines.map((text, i) => `${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${text}`);

const textOf = (notice: OperatorNotice): string => {
  const { customerKey, caseId, subjectId, campaignId, stepId, failedAt, fails, note } = notice;
  const why = fails.because === fails.class ? fails.class : `${fails.class} (${fails.because})`;
  return [
    'A case has come to a step of its campaign at which you wanted to be told.',
    '',
    ...(note === null ? [] : [`Note: ${oneLine(note)}`, '']),
    ...entry('Customer', [customerKey]),
    ...entry('Case', [caseId]),
    ...entry('About', [subjectId]),
    ...entry('Failing since', [moment(failedAt)]),
    ...entry('Why', [oneLine(why)]),
    ...entry('Still open', invoiceLines(notice)),
    ...entry('Campaign', [`${campaignId}, step ${stepId}`]),
    '',
    'Everything that was done so far, and what comes next:',
    `npx recoup case ${customerKey}`,
    '',
  ].join('\n');
};

const subjectOf = ({ customerKey, stepId, totals }: OperatorNotice): string => {
  const open = totals.map((total) => formatMoney(total, 'en')).join(', ');
  return shorten(
    oneLine(`Recoup: ${stepId}, ${customerKey}${open === '' ? '' : `, ${open} open`}`),
    MAX_SUBJECT,
  );
};

/** Whom a mail to the business is from. */
export const fromOf = ({ name, email }: Sender): OperatorMail['from'] => ({
  name: headerName(name) || email,
  email,
});

/** The mail of a notice, to `email`. Pure; the words are English, as those of the commands are. */
export const operatorMail = (notice: OperatorNotice, email: string): OperatorMail => ({
  to: email,
  from: fromOf(notice.sender),
  replyTo: notice.sender.replyTo,
  subject: subjectOf(notice),
  text: textOf(notice),
});
