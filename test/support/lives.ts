// Cases whose lives a test leads: opened, closed and amended by the writes that a visit makes.
import type { Store } from '../../core/ports.ts';
import {
  newCustomer,
  type Adjustment,
  type CaseRecord,
  type Customer,
  type Outbox,
} from '../../core/recovery/customer.ts';
import type { Instant } from '../../core/time.ts';
import { markOpened, publish } from '../../core/workflows/publish.ts';
import { bookOf, openCaseOf } from './customers.ts';
import { movedAfter } from './reports.ts';

/** A case that a test takes through its life: it is opened, closed, and amended as often as the test goes on. */
export type Life = { readonly record: CaseRecord; stage: number };

const openOf = ({ id, openedAt, failures, invoices }: CaseRecord) =>
  openCaseOf(id, {
    openedAt,
    ladders: failures.flatMap(({ subjectId, failedAt }) =>
      openCaseOf(id).ladders.map((one) => ({
        ...one,
        subjectId,
        invoiceId: subjectId,
        anchor: failedAt,
      })),
    ),
    books: invoices.map(({ subjectId, currency, cohort, failedMinor }) =>
      bookOf(subjectId, { currency, cohort, failedMinor, openMinor: failedMinor }),
    ),
  });

const amendmentOf = ({ record, stage }: Life, now: Instant): Adjustment =>
  movedAfter(
    record.id.slice('case_'.length),
    stage % 2 === 0 ? 'payment' : 'refund',
    now,
    100 + stage,
    `a${stage}`,
  );

/** Writes as a visit does: what is left to put stands in the outbox first. A process that dies leaves it there. */
export const visit = async (store: Store, life: Life, now: Instant, dies = false): Promise<void> => {
  const { record } = life;
  let customer = await store.load(record.key, now);
  const save = async (changes: Partial<Customer>): Promise<void> => {
    customer = { ...customer, ...changes, version: customer.version + 1 };
    await store.save(customer);
  };
  await publish(store, customer, now);
  const { recovery } = newCustomer(record.key);
  const stage = life.stage;
  life.stage += 1;
  if (stage === 0) {
    const next = { recovery: { ...recovery, case: openOf(record) }, outbox: null };
    await markOpened(store, { ...customer, ...next }, now);
    return save(next);
  }
  const outbox: Outbox = {
    closed: stage === 1 ? record : null,
    adjustments: stage === 1 ? [] : [amendmentOf(life, now)],
    journal: null,
  };
  await save({ recovery, outbox });
  if (dies) return;
  await publish(store, customer, now);
  await save({ outbox: null });
};

/** Leads a case through so many stages at once. */
export const live = async (store: Store, record: CaseRecord, stages: number, now: Instant): Promise<Life> => {
  const life = { record, stage: 0 };
  for (let i = 0; i < stages; i += 1) await visit(store, life, now);
  return life;
};
