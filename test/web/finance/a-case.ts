// A case as the API tells it, for tests of what the page makes of one.
import type { Case } from '../../../web/finance/api.ts';

export const eur = (minor: number) => ({
  minor,
  currency: 'EUR',
  decimal: `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
});

type Invoice = Case['invoices'][number];
type Step = Case['steps'][number];

export const invoiceWith = (changes: Partial<Invoice> = {}): Invoice => ({
  subject: 'in_1',
  invoice: 'in_1',
  number: 'R-1',
  outcome: 'open',
  why: 'not paid yet',
  cohort: 'live',
  failed: eur(4900),
  recovered: eur(0),
  withdrawn: eur(0),
  lost: eur(0),
  open: eur(4900),
  refunded: eur(0),
  failedAt: '2026-03-01T09:00:00.000Z',
  settledAt: null,
  kind: 'payment_failure',
  campaign: 'soft-decline',
  decline: 'soft_funds',
  reason: 'insufficient_funds',
  brand: 'visa',
  plans: [],
  country: 'AT',
  cause: null,
  lastMail: null,
  ...changes,
});

export const stepWith = (changes: Partial<Step> = {}): Step => ({
  subject: 'in_1',
  step: 'reminder-1',
  kind: 'email',
  message: 'reminder',
  status: 'waiting',
  at: '2026-03-09T09:00:00.000Z',
  why: 'day 8 of campaign soft-decline',
  rule: 'day 8 of campaign soft-decline',
  until: null,
  ...changes,
});

export const caseWith = (changes: Partial<Case> = {}): Case => ({
  connection: 'stripe',
  customer: 'cus_1',
  case: 'case_in_1',
  outcome: 'open',
  openedAt: '2026-03-01T09:00:00.000Z',
  closedAt: null,
  totals: [{ failed: eur(4900), recovered: eur(0), withdrawn: eur(0), lost: eur(0), open: eur(4900) }],
  version: 7,
  erasedAt: null,
  held: null,
  setAside: null,
  next: null,
  nextLook: null,
  invoices: [invoiceWith()],
  steps: [],
  mails: [],
  adjustments: [],
  answers: [],
  journal: [],
  olderJournalPages: 0,
  ...changes,
});
