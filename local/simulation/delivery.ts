// How the provider's events reach the webhook door: lost, late, twice, again until the door has taken them.
import { signPayload } from '../../adapters/stripe/signature.ts';
import type { Instant } from '../../core/time.ts';
import type { HttpEvent, HttpResult, OnError } from '../../functions/middleware.ts';
import { makeReceiveWebhook } from '../../functions/receive-webhook.ts';
import type { Json } from '../demo/objects.ts';
import { webhookEvent } from '../webhook-event.ts';
import { faultyStore } from './faults.ts';
import type { Logged } from './market/state.ts';
import { CONNECTION, keyOf } from './business.ts';
import { later, noBackOff, secondOf, SILENT, type World } from './world.ts';

const SECRET = 'whsec_simulation';
/** After so many further tries the provider gives a delivery up. */
const MOST_TRIES = 12;
const DAY_S = 86_400;

/** The webhook door of the code under test. */
export type Door = (event: HttpEvent) => Promise<HttpResult>;

/** Opens a door to the world's store. */
export const openDoor = (world: World, onError: OnError): Door =>
  makeReceiveWebhook({
    store: faultyStore(world.watch.store, world.process, world.faults),
    telemetry: SILENT,
    backOff: noBackOff,
    connections: { [CONNECTION]: { secrets: async () => [SECRET], livemode: null, account: null } },
    now: world.clock.now,
    onError,
  });

/** Posts an event once, signed as the provider signs it. */
const post = (door: Door, event: Json, now: Instant): Promise<HttpResult> => {
  const body = JSON.stringify(event);
  const signature = signPayload(Buffer.from(body), SECRET, now);
  return door(webhookEvent({ connection: CONNECTION, body, signature }));
};

/** Posts until the door has taken it, as the provider does: what failed comes again, later and later. */
export const deliver = async (world: World, door: Door, logged: Logged, tries = 0): Promise<void> => {
  const { event, customerId } = logged;
  const { statusCode, body } = await post(door, event, world.clock.now());
  // A process that died while it answered is started again for the next request.
  world.process.dead = false;
  world.events += 1;
  world.tell(
    keyOf(customerId),
    `webhook ${String(event['type'])} ${String(event['id'])}: ${statusCode} ${body}`,
  );
  if (statusCode === 200) logged.delivered = true;
  if (statusCode === 200 || tries >= MOST_TRIES) return;
  const wait = 60 * 2 ** Math.min(tries, 8);
  later(world, secondOf(world) + wait, () => deliver(world, door, logged, tries + 1));
};

/** Delivers an event that was told before, once more. */
export const deliverAgain = (world: World, door: Door, logged: Logged, at: number): void =>
  later(world, at, () => deliver(world, door, { ...logged }));

/** How long after its making an event arrives, and whether it does: seconds, or null. */
const delayOf = (world: World, logged: Logged): number | null => {
  const { faults } = world;
  const about = keyOf(logged.customerId);
  const luck = world.luckOf(logged.customerId);
  if (faults.happens('webhook_lost', about)) {
    // Some of what is lost counts as delivered: an endpoint said 200 and nothing came of it.
    logged.delivered = luck.chance(0.5);
    return null;
  }
  // Even when all is well, events of one moment arrive in any order.
  const usual = luck.whole(0, 2);
  const late = faults.happens('webhook_late', about) ? luck.whole(1, 3) * DAY_S : 0;
  const reordered = faults.happens('webhook_reordered', about) ? luck.whole(10, 3600) : 0;
  const skew = faults.happens('clock_skew', about) ? luck.whole(1, 4) : 0;
  return usual + late + reordered + skew;
};

/** Sends an event on its way to the door, with what may befall it there. */
export const sendOff = (world: World, door: Door, logged: Logged): void => {
  const { faults } = world;
  const { second, customerId, event } = logged;
  const about = keyOf(customerId);
  const delay = delayOf(world, logged);
  if (delay === null) return;
  const at = second + delay;
  if (faults.happens('webhook_to_two_endpoints', about)) {
    later(world, at, async () => {
      await Promise.all([deliver(world, door, logged), deliver(world, door, { ...logged })]);
    });
  } else later(world, at, () => deliver(world, door, logged));
  const luck = world.luckOf(customerId);
  if (faults.happens('webhook_repeated', about))
    deliverAgain(world, door, logged, second + luck.whole(1, 7200));
  if (faults.happens('webhook_under_two_ids', about)) {
    const twin = { ...logged, event: { ...event, id: `${String(event['id'])}_twin` } };
    deliverAgain(world, door, twin, second + luck.whole(1, 60));
  }
  if (faults.happens('redelivery_after_close', about))
    deliverAgain(world, door, logged, second + luck.whole(20, 60) * DAY_S);
};
