// The webhook door on one core: against the floor of what any door must do, the signature and the JSON.
import { createMemoryStore } from '../adapters/memory/store.ts';
import { signPayload, verifySignature } from '../adapters/stripe/signature.ts';
import type { Telemetry } from '../core/ports.ts';
import { instantFromSeconds } from '../core/time.ts';
import type { HttpEvent, HttpResult } from '../functions/middleware.ts';
import { makeReceiveWebhook } from '../functions/receive-webhook.ts';
import { webhookEvent } from '../local/webhook-event.ts';
import { basilInvoice, stripeEvent } from '../test/support/stripe-events.ts';
import { DAY_0, story } from '../test/support/story.ts';
import { compare, perSecond } from './measure.ts';

const SECRET = 'whsec_bench';
const NOW = instantFromSeconds(DAY_0);
const SILENT: Telemetry = { count: () => {}, gauge: () => {} };
const COUNT = 4000;

type Posted = { readonly event: HttpEvent; readonly body: string; readonly header: string };

/** As large as a real event of an invoice with a few lines: about 5 KB. */
const padding = Array.from({ length: 12 }, (_, i) => ({
  id: `il_${i}`,
  object: 'line_item',
  amount: 2500,
  currency: 'usd',
  description: `1 × Subscription to the plan number ${i} (at $25.00 / month)`,
  period: { end: DAY_0, start: DAY_0 },
  pricing: {
    price_details: { price: 'price_1', product: 'prod_1' },
    type: 'price_details',
    unit_amount_decimal: '2500',
  },
}));

const posted = (value: object): Posted => {
  const body = JSON.stringify(value);
  const header = signPayload(Buffer.from(body), SECRET, NOW);
  const event = webhookEvent({ connection: 'stripe', body, signature: header });
  return { event, body, header };
};

const relevant = (n: number): Posted =>
  posted(
    story({ n, invoice: { lines: { object: 'list', data: padding } } }).failed(0, {
      told: false,
      next: 3,
    })[0] ?? {},
  );

const ignored = (n: number): Posted =>
  posted(
    stripeEvent('invoice.created', basilInvoice({ lines: { data: padding } }), {
      id: `evt_${n}`,
      created: DAY_0,
    }),
  );

const must = (result: HttpResult, outcome: string): void => {
  if (!result.body?.includes(`"outcome":"${outcome}"`)) throw new Error(`the door answered ${result.body}`);
};

/** A door to an empty store. */
const emptyDoor = () =>
  makeReceiveWebhook({
    store: createMemoryStore(),
    telemetry: SILENT,
    backOff: async () => {},
    connections: { stripe: { secrets: async () => [SECRET], livemode: false, account: null } },
    now: () => NOW,
    onError: (error) => {
      throw error;
    },
  });

/** The least that any door must do. */
const floor = ({ body, header }: Posted): void => {
  const rawBody = Buffer.from(body);
  if (!verifySignature({ rawBody, header, secrets: [SECRET], now: NOW }).ok) throw new Error('not signed');
  JSON.parse(body);
};

/** Posts them all to one door, which must answer each with `outcome`. */
const postAll = async (
  items: readonly Posted[],
  receive: ReturnType<typeof emptyDoor>,
  outcome: string,
): Promise<void> => {
  for (const { event } of items) must(await receive(event), outcome);
};

/** Events a second of the floor and of the door, for events that are used and events that are not. */
export const benchDoor = async (): Promise<Record<string, number>> => {
  const [used, unused] = [
    Array.from({ length: COUNT }, (_, i) => relevant(i + 1)),
    Array.from({ length: COUNT }, (_, i) => ignored(i + 1)),
  ];
  const ms = await compare(
    [
      { name: 'floor', run: () => used.forEach(floor) },
      // Each run begins with an empty store: every event is a first failure, one read and one write.
      { name: 'relevant', run: () => postAll(used, emptyDoor(), 'recorded') },
      { name: 'ignored', run: () => postAll(unused, emptyDoor(), 'ignored') },
    ],
    1,
  );
  const perEvent = (name: string) => (ms.get(name) ?? Number.NaN) / COUNT;
  return {
    eventBytes: used[0]?.body.length ?? 0,
    floorPerSecond: perSecond(perEvent('floor')),
    relevantPerSecond: perSecond(perEvent('relevant')),
    ignoredPerSecond: perSecond(perEvent('ignored')),
    relevantOverFloor: Number((perEvent('relevant') / perEvent('floor')).toFixed(2)),
    ignoredOverFloor: Number((perEvent('ignored') / perEvent('floor')).toFixed(2)),
  };
};
