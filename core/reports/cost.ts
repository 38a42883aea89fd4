// What it costs to run Recoup, estimated from what a report counts: cases and mails, at dated prices.

/**
 * US dollars, us-east-1. A case: its events, visits, reads and writes as `npm run bench` counts them for one of five events and four
 * mails, priced by AWS's public price pages as known then, free tiers left out. A mail: SES's price for one that is sent.
 */
export const PRICES_OF_RUNNING = { asOf: '2026-11', aCase: 0.0002, aMail: 0.0001 } as const;

/** An estimate in US dollars. `anInvoice`: of each invoice that was recovered; null when none was. */
export type RunningCost = {
  readonly asOf: string;
  readonly cases: number;
  readonly mails: number;
  readonly dollars: number;
  readonly anInvoice: number | null;
};

/** What some cases and mails cost, with all invoices that were recovered by them. */
export const costOf = (cases: number, mails: number, recovered: number): RunningCost => {
  const dollars = cases * PRICES_OF_RUNNING.aCase + mails * PRICES_OF_RUNNING.aMail;
  return {
    asOf: PRICES_OF_RUNNING.asOf,
    cases,
    mails,
    dollars,
    anInvoice: recovered === 0 ? null : dollars / recovered,
  };
};
