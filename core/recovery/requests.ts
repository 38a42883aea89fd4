// What a case has taken of the machinery: counted on the customer's own item, so that its record can tell what it cost.
import type { Customer } from './customer.ts';

/** What was asked of the store for a case. */
export type Requests = {
  /** Times that something was taken in that changed the customer: an event, a press on their page, an operator's word. A read each. */
  readonly received: number;
  /** Visits of the clock that claimed the customer. A read each. */
  readonly visits: number;
  /** Writes of the customer's item, whoever made them, and of what is put beside it. */
  readonly writes: number;
};

/**
 * The same as it stands in the item. Every write raises the version, so writes need no counter of their own: they are the
 * version less `before`.
 */
export type RequestCount = Pick<Requests, 'received' | 'visits'> & { readonly before: number };

/** Nothing counted of an item that has been written so often. */
export const countedFrom = (version: number): RequestCount => ({ received: 0, visits: 0, before: version });

/** The closing decision is saved twice, with its outbox and without; in between the closed case is put. */
const CLOSING_SAVES = 2;
const CLOSED_CASE = 1;

const counting = (customer: Customer, count: (requests: RequestCount) => RequestCount): Customer =>
  customer.requests === null ? customer : { ...customer, requests: count(customer.requests) };

/** Something has been taken in: by the write that is to follow. */
export const withReceived = (customer: Customer): Customer =>
  counting(customer, (requests) => ({ ...requests, received: requests.received + 1 }));

/** The clock has come by: with the write that claims. */
export const withVisit = (customer: Customer): Customer =>
  counting(customer, (requests) => ({ ...requests, visits: requests.visits + 1 }));

/** One thing is written beside the item. */
export const withWriteBeside = (customer: Customer): Customer =>
  counting(customer, (requests) => ({ ...requests, before: requests.before - 1 }));

/** Counts anew from the save on that writes the decision which found nothing failed. */
export const countedAnew = (customer: Customer): Customer => ({
  ...customer,
  requests: countedFrom(customer.version + 1),
});

/** The same when a case is closed: what closing it writes is in its record. */
export const countedAfterClosing = (customer: Customer): Customer => ({
  ...customer,
  requests: countedFrom(customer.version + CLOSING_SAVES),
});

/**
 * What the case of a customer has taken so far; of one that is closing, what closing it writes as well. null = not counted from
 * its beginning.
 */
export const requestsOf = ({ requests, version }: Customer, isClosing: boolean): Requests | null => {
  if (requests === null) return null;
  const { received, visits, before } = requests;
  return { received, visits, writes: version - before + (isClosing ? CLOSING_SAVES + CLOSED_CASE : 0) };
};
