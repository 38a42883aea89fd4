// What an event comes to, for the tests of one kind of object.
import { assert } from 'vitest';
import type { Fact } from '../../../core/recovery/fact.ts';
import { translate, type Translation } from '../../../adapters/stripe/translate.ts';

type Of<K extends Translation['kind']> = Extract<Translation, { kind: K }>;

/** The translation of any event, live or test, of any account, which must be of a kind. */
export const told = <K extends Translation['kind']>(kind: K, event: unknown): Of<K> => {
  const translation = translate(event, { livemode: null, account: null });
  assert(translation.kind === kind, `expected ${kind}: ${JSON.stringify(translation)}`);
  return translation as Of<K>;
};

/** The one fact of a kind an event tells about customer cus_1. */
export const factOf = <K extends Fact['kind']>(kind: K, event: unknown): Extract<Fact, { kind: K }> => {
  const { customerId, facts } = told('facts', event);
  assert(customerId === 'cus_1', `about ${customerId}`);
  const found = facts.filter((fact) => fact.kind === kind);
  assert(found.length === 1, `expected one ${kind}: ${JSON.stringify(facts)}`);
  return found[0] as Extract<Fact, { kind: K }>;
};
