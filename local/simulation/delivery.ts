// How the provider's events reach the webhook door: lost, late, twice, again until the door has taken them.
import { signPayload } from '../../adapters/stripe/signature.ts';
import type { Instant } from '../../core/time.ts';
import type { HttpEvent, HttpResult, OnError } from '../../functions/middleware.ts';
import { makeReceiveWebhook } from '../../functions/receive-webhook.ts';
import type { Json } from '../demo/objects.ts';
import { webhookEvent } from '../webhook-event.ts';
import { faultyStore, type Faults } from './faults.ts';
import { CONNECTION, later, noBackOff, secondOf, SILENT, type World } from './world.ts';

const SECRET = 'whsec_simulation';
/** After so many further tries the provider gives a delivery up. */
const MOST_TRIES = 12;

/** The webhook door of the code under test. */
export type Door = (event: HttpEvent) => Promise<HttpResult>;

/** Opens a door to the world's store; these faults happen behind it. */
export const openDoor = (world: World, faults: Faults, onError: OnError): Door =>
  makeReceiveWebhook({
    store: faultyStore(world.watch.store, world.process, faults),
    telemetry: SILENT,
    backOff: noBackOff,
    connections: { [CONNECTION]: { secrets: async () => [SECRET], livemode: null, account: null } },
    now: world.clock.now,
    onError,
  });

/** Posts an event once, signed as the provider signs it. */
export const post = (door: Door, event: Json, now: Instant): Promise<HttpResult> => {
  const body = JSON.stringify(event);
  const signature = signPayload(Buffer.from(body), SECRET, now);
  return door(webhookEvent({ connection: CONNECTION, body, signature }));
};

/** Posts until the door has taken it, as the provider does: what failed comes again, later and later. */
export const deliver = async (world: World, door: Door, event: Json, tries = 0): Promise<void> => {
  const { statusCode } = await post(door, event, world.clock.now());
  // A process that died while it answered is started again for the next request.
  world.process.dead = false;
  world.events += 1;
  if (statusCode === 200 || tries >= MOST_TRIES) return;
  later(world, secondOf(world) + 60 * 2 ** Math.min(tries, 8), () => deliver(world, door, event, tries + 1));
};

/** Sends an event on its way to the door, with what may befall it there. */
export const sendOff = (world: World, door: Door, second: number, event: Json): void => {
  const { faults, random } = world;
  const arrive = (at: number, arriving: Json): void => later(world, at, () => deliver(world, door, arriving));
  // What is lost comes back with the hourly walk through the provider's event log.
  if (faults.happens('webhook_lost')) return arrive(second + random.whole(3600, 7200), event);
  const late = faults.happens('webhook_late') ? random.whole(1, 3) * 86_400 : 0;
  const skew = faults.happens('clock_skew') ? random.whole(1, 4) : 0;
  arrive(second + late + skew, event);
  if (faults.happens('webhook_repeated')) arrive(second + random.whole(1, 7200), event);
  if (faults.happens('webhook_under_two_ids'))
    arrive(second + random.whole(1, 60), { ...event, id: `${String(event['id'])}_twin` });
};
