// The code under test, wired to a simulated outside: store, provider and mailer fail, mails find readers.
import type { Outbox } from '../../adapters/memory/outbox.ts';
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import type { Mail, Mailer, MailRequest } from '../../core/ports.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { deliver, type Door } from './delivery.ts';
import { faultyProvider, faultyStore, mortalMailer } from './faults.ts';
import type { Market } from './market.ts';
import { noBackOff, secondOf, SILENT, type World } from './world.ts';

/** A mail with only what the laws look at: rendering is tested elsewhere and would take most of the time. */
export const compose = (request: MailRequest): Mail => ({
  to: request.to,
  from: { name: request.sender.name, email: request.sender.email },
  replyTo: request.sender.replyTo,
  subject: request.message,
  html: '',
  text: '',
  message: request.message,
  language: 'en',
  customerKey: request.customerKey,
  caseId: request.caseId,
  subjectId: request.subjectId,
  stepId: request.stepId,
});

/** A customer pays in the moment between a visit's refresh and its arming of a mail. */
const payInBetween = async (world: World, market: Market, door: Door, key: string): Promise<void> => {
  if (!world.faults.happens('paid_between_refresh_and_arm')) return;
  const before = market.log.length;
  market.payAll(splitKey(key as CustomerKey).customerId, secondOf(world));
  // Its events get through before the visit goes on.
  for (const { event } of market.log.slice(before)) await deliver(world, door, event);
};

/** A mailer whose mails are read by the market's customers. */
const readMailer = (world: World, market: Market, outbox: Outbox): Mailer => ({
  compose: (request) => outbox.mailer.compose(request),
  send: async (mail) => {
    // Looked up before the mail goes out: a mail counts for the customer whom this tick has saved.
    const customer = world.inspection.touched.get(mail.customerKey);
    const outcome = await outbox.mailer.send(mail);
    const sent = outbox.mails.at(-1);
    if (outcome.kind !== 'throttled' && sent && customer) {
      world.mails += 1;
      market.read(splitKey(mail.customerKey).customerId, secondOf(world));
    }
    return outcome;
  },
});

/** Everything a visit needs, with the world's faults in all of it. */
export const createEngine = (
  world: World,
  market: Market,
  door: Door,
  outbox: Outbox,
  policy: Policy,
): VisitDeps => {
  const { process, faults } = world;
  return {
    store: faultyStore(world.watch.store, process, faults),
    provider: faultyProvider(market.provider, process, faults, (key) =>
      payInBetween(world, market, door, key),
    ),
    mailer: mortalMailer(readMailer(world, market, outbox), process, faults),
    telemetry: SILENT,
    backOff: noBackOff,
    policy,
    now: world.clock.now,
  };
};
