// Stripe as the billing provider: reads answer with facts, every act carries its idempotency key.
import type Stripe from 'stripe';
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { OutsideError, type ActOutcome, type Provider } from '../../core/ports.ts';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import type { Reference } from '../../core/recovery/fact.ts';
import { instantFromMs, type Instant } from '../../core/time.ts';
import { endSubscription, lookUpAct, payInvoice, type Acting } from './acts.ts';
import { readingMaybe } from './errors.ts';
import { openPortal } from './portal.ts';
import { refreshCustomer } from './refresh.ts';
import { own, read, reference } from './shapes.ts';

export { createStripeClient } from './client.ts';

/**
 * What the provider needs. `clientFor` is asked before every call; `now` stamps what the answer to a charge
 * or an end tells, and is the machine's clock unless told otherwise.
 */
export type StripeProviderOptions = {
  readonly clientFor: (connection: string) => Promise<Stripe>;
  readonly now?: () => Instant;
};

const machineClock = (): Instant => instantFromMs(Date.now());

type Fetch = (stripe: Stripe, id: string) => Promise<object>;

/** How each reference is looked up. */
const OWNED: Readonly<Record<Reference['kind'], Fetch>> = {
  charge: (stripe, id) => stripe.charges.retrieve(id),
  payment_intent: (stripe, id) => stripe.paymentIntents.retrieve(id),
  invoice: (stripe, id) => stripe.invoices.retrieve(id),
  payment_method: (stripe, id) => stripe.paymentMethods.retrieve(id),
};

/**
 * Makes the provider. See {@link refreshCustomer}, {@link payInvoice}, {@link endSubscription},
 * {@link lookUpAct} and {@link openPortal} for what each call asks and answers. Reads throw {@link OutsideError}.
 */
export const createStripeProvider = ({ clientFor, now = machineClock }: StripeProviderOptions): Provider => {
  const clientOf = (key: CustomerKey): Promise<Stripe> => clientFor(splitKey(key).connection);

  /** Without a client nothing can have been done: the step is not spent but tried again. */
  const acting =
    (act: (acting: Acting) => Promise<ActOutcome>) =>
    async (key: CustomerKey, action: ArmedAction): Promise<ActOutcome> => {
      let stripe: Stripe;
      try {
        stripe = await clientOf(key);
      } catch (error) {
        if (error instanceof OutsideError) return { kind: 'throttled', why: error.message };
        throw error;
      }
      return act({ stripe, action, now });
    };

  return {
    refresh: async (key, invoiceIds, at, also) =>
      refreshCustomer(await clientOf(key), splitKey(key).customerId, invoiceIds, at, also),
    resolve: async (connection, { kind, id }) => {
      const stripe = await clientFor(connection);
      const object = await readingMaybe(`reading a ${kind}`, () => OWNED[kind](stripe, id));
      const customer = read(reference, own(object, 'customer'), '');
      return customer.ok ? customer.value : null;
    },
    retry: acting(payInvoice),
    end: acting(endSubscription),
    lookUp: async (key, action) => lookUpAct({ stripe: await clientOf(key), action, now }),
    portal: async (key, returnUrl) => openPortal(await clientOf(key), splitKey(key).customerId, returnUrl),
  };
};
