// The demonstration: the same seed makes the same month, and Recoup understands every event of it.
import { expect, test } from 'vitest';
import { translate } from '../../adapters/stripe/translate.ts';
import { exponentOf } from '../../core/money.ts';
import { LANGUAGES } from '../../core/ports.ts';
import { mailLanguage } from '../../core/recovery/mail-language.ts';
import { addDays, instantFromMs } from '../../core/time.ts';
import { createDemo, type Demo } from '../../local/demo/month.ts';

const BASE = instantFromMs(Date.UTC(2026, 2, 2, 10));
/** As many as `npm start` shows. */
const demo = (seed: number, subscriptions = 340): Demo => createDemo({ seed, base: BASE, subscriptions });

type Told = { id: string; type: string; data: { object: Record<string, unknown> } };
const all = ({ before, events }: Demo): Told[] =>
  [...before, ...events.map(({ event }) => event)] as unknown as Told[];

test('the same seed gives the same bytes, another seed others', () => {
  expect(JSON.stringify(demo(1))).toBe(JSON.stringify(demo(1)));
  expect(JSON.stringify(demo(2))).not.toBe(JSON.stringify(demo(1)));
});

test.each([1, 2, 3, 4, 5])('seed %i: no event is refused, and every id is its own', (seed) => {
  const events = all(demo(seed));
  const refused = events
    .map((event) => translate(event, { livemode: false, account: null }))
    .filter(({ kind }) => kind === 'refused');
  expect(refused).toEqual([]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});

test('events come in order, from thirty days before the base time to sixty after it', () => {
  const { events, from, until } = demo(1);
  const times = events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  expect([from, until]).toEqual([addDays(BASE, -30), addDays(BASE, 60)]);
  expect([times.every((at) => at >= from && at <= until), times.some((at) => at > BASE)]).toEqual([
    true,
    true,
  ]);
});

test('what a month brings is in it', () => {
  const { events } = demo(1);
  const types = new Set(events.filter(({ at }) => at <= BASE).map(({ event }) => event['type']));
  expect([...types]).toEqual(
    expect.arrayContaining([
      'charge.failed',
      'invoice.payment_failed',
      'invoice.payment_action_required',
      'invoice.paid',
      'invoice_payment.paid',
      'invoice.voided',
      'customer.subscription.deleted',
      'payment_method.attached',
      'payment_method.automatically_updated',
      'charge.dispute.created',
      'charge.refunded',
      'credit_note.created',
      'invoice.overdue',
      'customer.deleted',
    ]),
  );
});

test('who gets no reminders does not pay because of one, and the rest pay as they would', () => {
  const paidAfterFailing = (isHeldOut: () => boolean): number => {
    const made = createDemo({ seed: 1, base: BASE, subscriptions: 340, isHeldOut });
    const ids = (type: string) =>
      made.events.flatMap(({ event }) =>
        event['type'] === type ? [(event as unknown as Told).data.object['id']] : [],
      );
    const failed = new Set(ids('invoice.payment_failed'));
    return ids('invoice.paid').filter((id) => failed.has(id)).length / failed.size;
  };
  const [mailed, heldOut] = [paidAfterFailing(() => false), paidAfterFailing(() => true)];
  expect(heldOut).toBeGreaterThan(0.2);
  expect(heldOut).toBeLessThan(mailed - 0.1);
  const unasked = createDemo({ seed: 1, base: BASE, subscriptions: 340, isHeldOut: () => true });
  expect(unasked.acts.filter(({ act }) => act.kind === 'answer' && act.answer === 'promise')).toEqual([]);
});

test('what happens without an event is in the month too, and in order', () => {
  const made = demo(1);
  const { acts } = made;
  const past = acts.filter(({ at }) => at <= BASE);
  expect(past.filter(({ act }) => act.kind === 'look')).toHaveLength(30);
  expect(acts.map(({ at }) => at)).toEqual(acts.map(({ at }) => at).toSorted());
  const answers = past.flatMap(({ act }) => (act.kind === 'answer' ? [act.answer] : []));
  expect(answers).toContain('promise');
  const bounced = past.flatMap(({ act }) => (act.kind === 'bounce' ? [act.customerId] : []));
  expect(bounced.length).toBeGreaterThan(0);
  // Each of them has somebody else to write to.
  const contacts = all(made)
    .map(({ data }) => data.object)
    .filter(({ id }) => bounced.includes(String(id)))
    .map(({ metadata }) => String((metadata as Record<string, string>)['billing_email']));
  expect(contacts.length).toBeGreaterThan(0);
  for (const contact of contacts) expect(contact).toMatch(/^finance\.\d+@example\./);
});

test.each([1, 2, 3, 4, 5])(
  'seed %i: somebody reads each language, pays by debit, by the year, or with a card that ends soon',
  (seed) => {
    const objects = all(demo(seed)).map(({ data }) => data.object);
    const policy = { language: 'en' } as const;
    const spoken = objects.flatMap(({ preferred_locales: locales }) =>
      Array.isArray(locales) ? [mailLanguage({ locales: locales as string[], country: null }, policy)] : [],
    );
    expect(new Set(spoken)).toEqual(new Set(LANGUAGES));
    const text = JSON.stringify(objects);
    expect(text).toMatch(/"type":"(sepa_debit|bacs_debit|us_bank_account)"/);
    expect(text).toContain('"interval":"year"');
    expect(text).toMatch(/"exp_month":[23],"exp_year":2026/);
  },
);

test('currencies have no, two and three decimals, and names are in many scripts', () => {
  const objects = all(demo(1)).map(({ data }) => data.object);
  const invoices = objects.filter(({ object }) => object === 'invoice');
  const currencies = new Set(invoices.map(({ currency }) => String(currency).toUpperCase()));
  expect(new Set([...currencies].map(exponentOf))).toEqual(new Set([0, 2, 3]));
  const dinars = invoices.filter(({ currency }) => currency === 'kwd');
  expect(dinars.every((invoice) => Number(invoice['amount_due']) % 10 === 0)).toBe(true);
  const names = objects.map(({ name }) => name).join(' ');
  for (const script of ['Greek', 'Cyrillic', 'Han', 'Hangul', 'Arabic', 'Devanagari', 'Latin']) {
    expect(names).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
  }
});

test('a customer pays no less than nothing and no more than is due', () => {
  for (const { data } of all(demo(3))) {
    const { object, amount_due: due, amount_paid: paid, amount_remaining: left } = data.object;
    if (object !== 'invoice') continue;
    expect(Number(paid) + Number(left)).toBe(Number(due));
    expect(Number(left)).toBeGreaterThanOrEqual(0);
  }
});
