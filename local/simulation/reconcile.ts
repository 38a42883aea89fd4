// The end of a simulated world: the provider's whole log once more, then the books against its own.
import type { SentMail } from '../../adapters/memory/outbox.ts';
import { customerKey } from '../../core/ids.ts';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import { instantFromSeconds } from '../../core/time.ts';
import { readCases } from '../../core/workflows/read-cases.ts';
import { openDoor, post } from './delivery.ts';
import { createFaults } from './faults.ts';
import { check } from './inspection.ts';
import { checkBooks, checkMails, type Violation } from './laws.ts';
import type { Market } from './market.ts';
import { CONNECTION, START_S, type World } from './world.ts';

/** Finds what was lost on the way in the provider's log, as one reconcile would. Here any error is a bug. */
export const reconcile = async (world: World, market: Market): Promise<void> => {
  const door = openDoor(world, createFaults(world.random, false), (error) => {
    throw error;
  });
  for (const { event } of market.log) await post(door, event, world.clock.now());
};

/** Whoever is still set aside: nothing that happens in a simulated world is past repair. */
const setAsideAtEnd = async ({ memory, clock }: World, market: Market): Promise<Violation[]> => {
  const found: Violation[] = [];
  for (const { who } of market.customers.values()) {
    const customer = await memory.load(customerKey(CONNECTION, who.customerId), clock.now());
    if (customer.setAsideAt !== null) {
      found.push({
        law: 'nobody is set aside',
        customer: customer.key,
        at: clock.now(),
        detail: customer.trouble?.why ?? '',
      });
    }
  }
  return found;
};

/** Checks the laws of the end: every mail, every book, every customer. Answers with the books. */
export const checkEnd = async (
  world: World,
  market: Market,
  mails: readonly SentMail[],
): Promise<readonly CaseRecord[]> => {
  const { clock, inspection, memory } = world;
  const records = await readCases(memory, instantFromSeconds(START_S), clock.now());
  check(inspection, checkMails(mails));
  check(inspection, checkBooks(records, market.customers, clock.now()));
  inspection.violations.push(...(await setAsideAtEnd(world, market)));
  return records;
};
