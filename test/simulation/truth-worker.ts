// Runs a simulated world and holds what its report tells of rates beside what the provider itself knows.
import { parentPort } from 'node:worker_threads';
import type { CaseRecord, Outcome } from '../../core/recovery/customer.ts';
import { splitKey } from '../../core/ids.ts';
import { addTo, type Settled, type WorldTruth } from './truth.ts';
import { simulate, type Ended, type SimulateOptions } from '../../local/simulation/simulate.ts';
import type { TrueCustomer } from '../../local/simulation/market/state.ts';

type Book = CaseRecord['invoices'][number];

/** What became of a failure by the provider's record alone: who left, and what was voided or deleted, owes nothing. */
const outcomeOf = ({ invoices, returns, left, deleted }: TrueCustomer, { subjectId }: Book): Outcome => {
  const [invoiceId = '', returnId] = subjectId.split(':');
  const invoice = invoices.find(({ id }) => id === invoiceId);
  const back = returns.find(({ id }) => id === returnId);
  if (!invoice) throw new Error(`the provider knows no ${invoiceId}`);
  const isPaid = back ? back.paidMinor === back.amountMinor : invoice.status === 'paid';
  if (isPaid) return 'recovered';
  return deleted || invoice.status === 'void' || left.has(invoice.subscription.id) ? 'withdrawn' : 'lost';
};

/** Of a case: lost when any of its failures is, else recovered when any is. */
const caseOf = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.includes('lost') ? 'lost' : outcomes.includes('recovered') ? 'recovered' : 'withdrawn';

const truthOf = ({ records, report, customers }: Ended): Omit<WorldTruth, 'violations'> => {
  const currencies: Record<string, Settled> = {};
  const arms: Record<string, Settled> = {};
  for (const { key, invoices, exposure } of records) {
    const customer = customers.get(splitKey(key).customerId);
    if (!customer) throw new Error(`the provider knows no ${key}`);
    const outcomes = invoices.map((book) => ({ ...book, outcome: outcomeOf(customer, book) }));
    for (const { currency, outcome } of outcomes) addTo(currencies, currency, outcome);
    const arm = exposure['mails']?.arm;
    if (arm) addTo(arms, arm, caseOf(outcomes.map(({ outcome }) => outcome)));
  }
  return {
    truly: { currencies, arms },
    told: {
      rates: Object.fromEntries(report.currencies.map(({ currency, rate }) => [currency, rate])),
      lift: report.lifts[0] ?? null,
    },
  };
};

const runWorld = async (options: SimulateOptions): Promise<void> => {
  const ends: Ended[] = [];
  const { violations } = await simulate({ ...options, ended: (end) => void ends.push(end) });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  for (const end of ends) parentPort?.postMessage({ ...truthOf(end), violations } satisfies WorldTruth);
};

parentPort?.on('message', (options: SimulateOptions) => void runWorld(options));
