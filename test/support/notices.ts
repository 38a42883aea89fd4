// Notices to the business for tests: one plain and complete, from which each test says what differs.
import { customerKey } from '../../core/ids.ts';
import { sumByCurrency } from '../../core/money.ts';
import type { OperatorNotice } from '../../core/ports.ts';
import { anInvoice, at, SENDER } from './mails.ts';

/** A notice by mail of one failing invoice, with a note. */
export const anOperatorNotice = (more: Partial<OperatorNotice> = {}): OperatorNotice => {
  const invoices = more.invoices ?? [anInvoice(4900, 'EUR')];
  return {
    to: 'email',
    email: 'finance@acme.example',
    key: 'case_in_1:in_1:call-them',
    customerKey: customerKey('stripe', 'cus_1'),
    caseId: 'case_in_1',
    subjectId: 'in_1',
    stepId: 'call-them',
    campaignId: 'companies',
    note: 'Call them, and ask for another way to pay.',
    failedAt: at('2026-03-02T10:00:00Z'),
    fails: { class: 'soft_funds', because: 'insufficient_funds' },
    invoices,
    totals: sumByCurrency(invoices.map(({ amount }) => amount)),
    sender: SENDER,
    ...more,
  };
};
