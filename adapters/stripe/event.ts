// The envelope of a Stripe event, and what a translator may say of what is in it.
import type { Fact, Reference, Source } from '../../core/recovery/fact.ts';
import { toMs, type Instant } from '../../core/time.ts';
import { flag, id, json, maybe, read, shape, stamp, type Json, type Read, type Shape } from './shapes.ts';

/** The envelope of a snapshot event, checked. Source: docs.stripe.com/api/events/object. */
export type StripeEvent = {
  readonly id: string;
  readonly type: string;
  readonly at: Instant;
  /** `refresh` for an object that was asked for: see {@link answered}. */
  readonly source: Source;
  readonly livemode: boolean;
  readonly account: string | null;
  /** `data.object`: the object as it was when the event was made. */
  readonly object: Json;
  /** `data.previous_attributes`: the values the change replaced; empty when Stripe does not say. */
  readonly previous: Json;
};

/**
 * What an event tells: facts about a customer, a fact whose customer must be asked for, or why it is left
 * alone.
 */
export type Told =
  | { readonly kind: 'facts'; readonly customerId: string; readonly facts: readonly Fact[] }
  | {
      readonly kind: 'unrouted';
      readonly id: string;
      readonly reference: Reference;
      readonly fact: Fact;
    }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Makes of an event what it tells. Never throws. */
export type Translator = (event: StripeEvent) => Told;

const envelope = shape({
  id,
  created: stamp,
  livemode: flag,
  account: maybe(id),
  data: shape({ object: json, previous_attributes: maybe(json) }),
});

/** Checks an event's envelope; of `data.object` only that it is an object. */
export const readEvent = (event: Json, type: string): Read<StripeEvent> => {
  const checked = read(envelope, event, '');
  if (!checked.ok) return checked;
  const { id: eventId, created: at, livemode, account, data } = checked.value;
  const { object, previous_attributes: previous } = data;
  return {
    ok: true,
    value: {
      id: eventId,
      type,
      at,
      source: 'event',
      livemode,
      account,
      object,
      previous: previous ?? {},
    },
  };
};

/**
 * An object as a request that began `at` brought it, for the same translators that read an event's object. It
 * says how things stand, so there is nothing that it replaced.
 */
export const answered = (object: Json, at: Instant): StripeEvent => ({
  id: 'refresh',
  type: 'refresh',
  at,
  source: 'refresh',
  livemode: false,
  account: null,
  object,
  previous: {},
});

/** A translator of events whose object has a shape; an object of another shape is refused. */
export const reading =
  <T>(as: Shape<T>, tell: (object: T, event: StripeEvent) => Told): Translator =>
  (event) => {
    const object = read(as, event.object, 'data.object');
    return object.ok ? tell(object.value, event) : { kind: 'refused', reason: object.reason };
  };

/** An event that is left alone, and why. */
export const ignored = (reason: string): Told => ({ kind: 'ignored', reason });

/** Facts about a customer; without one there is nobody to recover from. */
export const about = (customerId: string | null, ...facts: readonly Fact[]): Told =>
  customerId === null ? ignored('names no customer') : { kind: 'facts', customerId, facts };

/**
 * A fact that waits until the provider has said whose it is. Its id is the same for every delivery of one
 * change; `state` tells apart two changes of one object within a second.
 */
export const waiting = (
  event: StripeEvent,
  reference: Reference,
  fact: Fact,
  objectId: string,
  ...state: readonly (string | number)[]
): Told => {
  const seconds = toMs(event.at) / 1000;
  return {
    kind: 'unrouted',
    id: [event.type, objectId, seconds, ...state].join(':'),
    reference,
    fact,
  };
};

/** The stamp every fact of an event carries. */
export const stamped = ({ at, source }: StripeEvent): { readonly at: Instant; readonly source: Source } => ({
  at,
  source,
});
