// A session of Stripe's billing portal: the page on which a customer changes the card.
import type Stripe from 'stripe';
import { OutsideError } from '../../core/ports.ts';
import { failureOf, readError } from './errors.ts';

const DOING = 'opening the billing portal';

/** Stripe answers so when nobody has saved the portal's settings yet, or they allow no change of the card. */
const SETTINGS =
  'refused: let the key write "Customer portal", save the settings of the customer portal, and let ' +
  'customers update their payment methods there';

/**
 * Opens a session that goes straight to changing the payment method and then back to `returnUrl`. A session
 * can be used for a short time only, so each press makes its own. Throws {@link OutsideError}.
 * docs.stripe.com/api/customer_portal/sessions/create
 */
export const openPortal = async (stripe: Stripe, customer: string, returnUrl: string): Promise<string> => {
  try {
    const session = await stripe.billingPortal.sessions.create({
      customer,
      return_url: returnUrl,
      flow_data: {
        type: 'payment_method_update',
        after_completion: { type: 'redirect', redirect: { return_url: returnUrl } },
      },
    });
    return session.url;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null) throw error;
    if (failure.kind !== 'refused' && failure.kind !== 'forbidden') throw readError(failure, DOING);
    throw new OutsideError(`Stripe, ${DOING}: ${SETTINGS} (${failure.name})`, 'never');
  }
};
