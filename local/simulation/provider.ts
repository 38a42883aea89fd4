// The simulated market behind the provider port: it answers what it is asked, and acts for nobody.
import { translate } from '../../adapters/stripe/translate.ts';
import { splitKey } from '../../core/ids.ts';
import type { ActOutcome, Provider } from '../../core/ports.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { toMs, type Instant } from '../../core/time.ts';
import { customerObject, eventOf, type Json } from '../demo/objects.ts';
import { chargeJson, invoiceJson, type MarketState, type TrueCustomer } from './market-state.ts';

/** The facts of objects as a refresh brings them: translated as events are, stamped with the request. */
const refreshed = (
  objects: readonly (readonly [type: string, second: number, object: Json])[],
  now: Instant,
): Fact[] =>
  objects.flatMap(([type, second, object]) => {
    const told = translate(eventOf('evt_refresh', type, second, object), { livemode: null, account: null });
    if (told.kind !== 'facts') return [];
    return told.facts.map((fact): Fact => {
      if (fact.kind === 'attempt') return { ...fact, source: 'refresh' };
      return fact.kind === 'invoice'
        ? { ...fact, at: now, source: 'refresh', failure: null }
        : { ...fact, at: now, source: 'refresh' };
    });
  });

const stateOf = (customer: TrueCustomer, invoiceIds: readonly string[], now: Instant): readonly Fact[] => {
  const second = Math.floor(toMs(now) / 1000);
  if (customer.deleted) return refreshed([['customer.deleted', second, customerObject(customer.who)]], now);
  const shown = customer.invoices.filter((one) => one.status === 'open' || invoiceIds.includes(one.id));
  return refreshed(
    [
      ['customer.updated', second, customerObject(customer.who)],
      ['customer.subscription.updated', second, customer.subscription],
      ...shown.map((invoice) => ['invoice.updated', second, invoiceJson({ customer, invoice })] as const),
      ...customer.charges.map(
        (charge) => ['charge.failed', charge.second, chargeJson(customer, charge)] as const,
      ),
    ],
    now,
  );
};

const NOT_DONE: ActOutcome = { kind: 'refused', why: 'the simulated policy leaves retries to the provider' };

/** The provider port of a market. */
export const providerOf = ({ customers, owners }: MarketState): Provider => ({
  refresh: async (key, invoiceIds, now) => {
    const customer = customers.get(splitKey(key).customerId);
    return customer ? stateOf(customer, invoiceIds, now) : [];
  },
  resolve: async (_connection, { id }) => owners.get(id) ?? null,
  retry: async () => NOT_DONE,
  end: async () => NOT_DONE,
  lookUp: async () => NOT_DONE,
});
