// The end of a simulated world: the laws of everything that happened, and the books against the provider's own.
import { isDeepStrictEqual } from 'node:util';
import { known, noted } from '../../adapters/stripe/shapes.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { zoneOf } from '../../core/recovery/customer-zone.ts';
import { NO_FACTS, type CaseRecord } from '../../core/recovery/customer.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { mergeAll } from '../../core/recovery/merge.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import type { Report } from '../../core/reports/report.ts';
import { instantFromSeconds, type Instant } from '../../core/time.ts';
import { readCases } from '../../core/workflows/read-cases.ts';
import type { Random } from '../demo/random.ts';
import { readLogged } from './event-log.ts';
import { check } from './inspection.ts';
import { checkBooks, checkMails, type Violation } from './laws.ts';
import type { Market } from './market/market.ts';
import { keyOf, START_S } from './business.ts';
import { checkReport } from './report-check.ts';
import { type World } from './world.ts';

/** Whoever is still set aside: nothing that happens in a simulated world is past repair. */
const setAsideAtEnd = ({ inspection, clock }: World): Violation[] =>
  [...inspection.latest.values()]
    .filter((customer) => customer.setAsideAt !== null)
    .map((customer) => ({
      law: 'nobody is set aside',
      customer: customer.key,
      at: clock.now(),
      detail: customer.trouble?.why ?? '',
    }));

/** Every fact that the provider ever told of each customer, in the order of its log. */
const factsByCustomer = (market: Market): Map<string, Fact[]> => {
  const all = new Map<string, Fact[]>();
  for (const logged of market.log) {
    const { customerId } = logged;
    const { told } = readLogged(logged);
    const facts = told.kind === 'facts' ? told.facts : told.kind === 'unrouted' ? [told.fact] : [];
    const own = all.get(customerId);
    if (own) own.push(...facts);
    else all.set(customerId, [...facts]);
  }
  return all;
};

/** The same facts in another order, some of them twice, give the same facts. */
const checkMerge = (market: Market, random: Random, now: Instant): Violation[] =>
  [...factsByCustomer(market)].flatMap(([customerId, facts]) => {
    const again = random.shuffle([...facts, ...facts.filter(() => random.chance(0.2))]);
    if (isDeepStrictEqual(mergeAll(NO_FACTS, facts), mergeAll(NO_FACTS, again))) return [];
    const detail = `${facts.length} facts`;
    return [{ law: 'facts equal their merge in any order', customer: keyOf(customerId), at: now, detail }];
  });

/** Where each customer lives: as noted of them, else as their country has it, else where the business is. */
const zonesIn =
  (market: Market, timeZone: string) =>
  (key: CustomerKey): string => {
    const who = market.customers.get(splitKey(key).customerId)?.who;
    const noticed = known(noted, who?.metadata)?.timeZone ?? null;
    return zoneOf({ timeZone: noticed, country: who?.country ?? null }, timeZone).zone;
  };

/** A step of which it was recorded in time that its mail was sent is done, and one promise a case holds at most. */
const checkRecord = ({ inspection, clock }: World, record: CaseRecord): Violation[] => {
  const { id, key, steps, answers } = record;
  const doubtful = steps.filter(
    ({ kind, status, subjectId, id: stepId }) =>
      kind === 'email' &&
      status === 'uncertain' &&
      inspection.toldSent.has(`${key} ${id} ${subjectId} ${stepId}`),
  );
  const told = { customer: key, at: clock.now() };
  return [
    ...doubtful.map(({ subjectId, id: stepId }) => ({
      law: 'a step is done once its mail was told as sent',
      detail: `${stepId} of ${subjectId}`,
      ...told,
    })),
    ...(answers.filter(({ held }) => held).length > 1
      ? [{ law: 'one promise a case holds', detail: id, ...told }]
      : []),
  ];
};

/** Checks the laws of the end: every mail, every book, every customer. Answers with the books and their report. */
export const checkEnd = async (
  world: World,
  market: Market,
  mails: readonly SentMail[],
  policy: Policy,
): Promise<{ readonly records: readonly CaseRecord[]; readonly report: Report }> => {
  const { clock, inspection, memory } = world;
  const records = await readCases(memory, instantFromSeconds(START_S), clock.now());
  for (const record of records) check(inspection, checkRecord(world, record));
  check(inspection, checkMails(mails, zonesIn(market, policy.timeZone), policy.sendWindow));
  const asksOverdue = policy.campaigns.some(({ kind }) => kind === 'invoice_overdue');
  const terms = { asksOverdue, withdrawnByHand: inspection.withdrawnByHand };
  check(inspection, checkBooks(records, market.customers, terms, clock.now()));
  const from = instantFromSeconds(START_S);
  const { report, violations } = await checkReport(memory, records, market.customers, from, clock.now());
  check(inspection, violations);
  check(inspection, checkMerge(market, world.random.fork('merge'), clock.now()));
  check(inspection, setAsideAtEnd(world));
  return { records, report };
};
