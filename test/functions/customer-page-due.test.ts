// The page of an invoice before its due date: what is to be paid, live; and what is left once it is paid or past.
import { describe, expect, test } from 'vitest';
import type { Provider } from '../../core/ports.ts';
import type { Customer, Invoice } from '../../core/recovery/customer.ts';
import { addDays } from '../../core/time.ts';
import { WORDS } from '../../web/customer-page/words.ts';
import { debtor, HOSTED, KEY, NOW, openPage, PAYABLE } from '../support/customer-page.ts';
import { customerOf, factsOf } from '../support/customers.ts';

const DE = WORDS.de;
const DUE_AT = addDays(NOW, 7);
const { value } = PAYABLE.details;
const details = {
  ...PAYABLE.details,
  value: { ...value, collectionMethod: 'send_invoice', dueAt: DUE_AT },
} as const;
const INVOICE: Invoice = { ...PAYABLE, details, failure: null, lastFailure: null };
const ABOUT = 'case_invoice_due-in_1-2026-03-17';

const billed = (over: string | null = null): Customer => {
  const customer = customerOf(KEY, { facts: factsOf({ invoices: { in_1: INVOICE } }) });
  const notice = {
    subjectId: 'invoice_due:in_1:2026-03-17',
    kind: 'invoice_due',
    aboutId: 'in_1',
    campaignId: 'due',
    date: DUE_AT,
    openedAt: NOW,
    steps: [],
    over,
  } as const;
  return { ...customer, dueAt: DUE_AT, recovery: { ...customer.recovery, notices: [notice] } };
};

const told = (status: 'paid' | 'open', paid: number): Partial<Provider> => ({
  refresh: async () => [
    {
      kind: 'invoice',
      at: addDays(NOW, 0),
      source: 'refresh',
      invoice: {
        id: 'in_1',
        currency: 'EUR',
        status,
        amounts: { due: 4900, paid, remaining: 4900 - paid, credited: 0 },
        schedule: { attemptCount: 0, nextAttemptAt: null },
        details: details.value,
        paymentIds: [],
      },
      failure: null,
      contact: null,
    },
  ],
});

/** The words of a page as they are read. */
const plain = (html: string): string => html.replaceAll(/<\/?bdi>/g, '').replaceAll('\u00A0', ' ');

const pageOf = async (customer: Customer, provider: Partial<Provider> = {}) => {
  const rig = await openPage(customer, provider);
  const path = `/c/${rig.token({ about: ABOUT })}`;
  const { statusCode, body = '' } = await rig.get(path);
  return { rig, path, statusCode, text: plain(body) };
};

describe('the page of an invoice that falls due', () => {
  test('tells until when and how much, with a button to pay and none for a card', async () => {
    const { rig, path, statusCode, text } = await pageOf(billed());
    expect(statusCode).toBe(200);
    expect(text).toContain('ist am 17. März 2026 fällig');
    expect(text).toContain('49,00');
    expect(text).not.toMatch(/konnte nicht|\/card"|name="answer"/);
    const paid = await rig.post(`${path}/pay`, 'invoice=in_1');
    expect([paid.statusCode, paid.headers?.['location']]).toEqual([303, HOSTED]);
    expect((await rig.stored()).recovery.journal.map(({ what }) => what)).toEqual([
      'the customer went to pay',
    ]);
  });

  test('shows what is left when a part was paid just now', async () => {
    expect((await pageOf(billed(), told('open', 1900))).text).toContain('30,00');
  });

  test('thanks once it is paid, and lets nobody pay again', async () => {
    const { text } = await pageOf(billed(), told('paid', 4900));
    expect(text).toContain(DE.paid);
    expect(text).not.toContain('<form');
  });

  test('of a notice that is over nothing is to be paid', async () => {
    const { rig, path, text } = await pageOf(billed('the invoice is paid'));
    expect(text).toContain(DE.nothing);
    const paid = await rig.post(`${path}/pay`, 'invoice=in_1');
    expect(paid.headers?.['location']).not.toBe(HOSTED);
  });

  test('lets nobody pay another invoice, and changes no card', async () => {
    const { rig, path } = await pageOf(billed());
    expect((await rig.post(`${path}/pay`, 'invoice=in_2')).headers?.['location']).not.toBe(HOSTED);
    await rig.post(`${path}/card`, '');
    expect(rig.portals).toEqual([]);
  });
});

describe('mails that win back', () => {
  test('stop when their link is pressed, and mails about what lies ahead go on', async () => {
    const rig = await openPage(debtor());
    const path = `/u/${rig.token({ purpose: 'unsubscribe', about: 'win_back' })}`;
    expect(plain((await rig.get(path)).body ?? '')).toContain(
      'die Sie zur Rückkehr zu Example Company einladen',
    );
    const done = await rig.post(path, 'List-Unsubscribe=One-Click');
    expect(done.statusCode).toBe(200);
    expect(Object.keys((await rig.stored()).recovery.unsubscribed)).toEqual(['win_back']);
  });
});

describe('a link of a notice that is over and let go of', () => {
  const page = async (about: string, daysLater: number) => {
    const rig = await openPage(customerOf(KEY));
    const path = `/c/${rig.token({ about })}`;
    rig.pass(daysLater * 86_400_000);
    return { rig, path, answer: await rig.get(path) };
  };

  test('about a card still changes it: such mails are often read late', async () => {
    const { rig, path, answer } = await page('case_card_expiry-pm_1-2026-03', 40);
    expect([answer.statusCode, answer.body?.includes('/card"')]).toEqual([200, true]);
    expect((await rig.post(`${path}/card`, '')).statusCode).toBe(303);
    expect(rig.portals).toHaveLength(1);
  });

  test('about an invoice says that there is nothing to pay by it any more', async () => {
    const { answer } = await page(ABOUT, 40);
    expect([answer.statusCode, answer.body?.includes('<form')]).toEqual([200, false]);
  });

  test('leads nowhere after two months', async () => {
    const { rig, path, answer } = await page('case_card_expiry-pm_1-2026-03', 61);
    expect(answer.statusCode).toBe(404);
    await rig.post(`${path}/card`, '');
    expect(rig.portals).toEqual([]);
  });
});
