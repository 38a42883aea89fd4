// The finance door: what is answered to whom, what is refused in which words, and what an operator does through it.
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../adapters/email/render.ts';
import type { Templates } from '../../adapters/email/templates.ts';
import { OutsideError, VersionConflictError } from '../../core/ports.ts';
import type { RunningCost } from '../../core/reports/cost.ts';
import { addDays, addMs } from '../../core/time.ts';
import { erase } from '../../core/workflows/operate.ts';
import { PROBLEMS } from '../../functions/finance/codes.ts';
import { ROUTES } from '../../functions/finance-api.ts';
import { customerKey } from '../../core/ids.ts';
import {
  adjustmentOf,
  at,
  bookOf,
  closedCaseOf,
  customerOf,
  keyOf,
  lineOf,
  openCaseOf,
} from '../support/customers.ts';
import { byToken, NOW, openFinance, type FinanceRig } from '../support/finance.ts';
import { aMailRequest, shippedTemplates } from '../support/mails.ts';
import { ANNA, policyOf } from '../support/operating.ts';

const KEY = keyOf('cus_1');
const CUSTOMER = '/customers/stripe/cus_1';
const CASE = '/cases/stripe/cus_1/case_in_1';

const OLDEST = [{ at: NOW, what: 'the oldest', why: 'in_1 failed', count: 1 }];

/** A door behind which cus_1 has an open case of 49.00 EUR. */
const withDebtor = async (options: Parameters<typeof openFinance>[0] = {}): Promise<FinanceRig> => {
  const rig = openFinance(options);
  const customer = customerOf(KEY, { dueAt: addDays(NOW, 1) });
  const recovery = { ...customer.recovery, case: openCaseOf('case_in_1'), journalPages: 1 };
  await rig.store.putJournalPage(KEY, 0, OLDEST);
  await rig.store.save({ ...customer, recovery });
  rig.operations.length = 0;
  return rig;
};

const stored = (rig: FinanceRig) => rig.store.load(KEY, NOW);

/** Closed cases of customers of their own, opened an hour apart, the first one first. */
const withClosed = async (rig: FinanceRig, ids: readonly number[], from = at('2026-03-02T00:00Z')) => {
  for (const id of ids) {
    const openedAt = addMs(from, id * 3_600_000);
    await rig.store.closeCase(
      closedCaseOf(keyOf(`cus_${id}`), `case_in_${id}`, {
        openedAt,
        closedAt: addDays(openedAt, 1),
        invoices: [
          bookOf(`in_${id}`, { outcome: 'recovered', recoveredMinor: 4900, openMinor: 0, why: 'paid' }),
        ],
      }),
    );
  }
};

type CaseLine = { readonly case: string; readonly outcome: string };
const idsIn = (body: Record<string, unknown>): string[] =>
  (body['cases'] as CaseLine[]).map((line) => line.case);

describe('who may call', () => {
  const READS = Object.keys(ROUTES).filter((name) => name.startsWith('GET'));
  const ACTS = Object.keys(ROUTES).filter((name) => name.startsWith('POST'));
  const call = (rig: FinanceRig, name: string) => {
    const [method = '', path = ''] = name.split(' ');
    const address = path
      .replace('{connection}', 'stripe')
      .replace('{customer}', 'cus_1')
      .replace('{case}', 'case_in_1');
    const query = { '/invoices': '?total=failed' }[path] ?? '';
    return method === 'GET' ? rig.get(`${address}${query}`) : rig.post(address, { note: 'x' });
  };

  test('a GET reads and a POST acts, and there is nothing else', () => {
    expect(READS.length).toBe(12);
    expect(ACTS.length).toBe(8);
    for (const [name, { role }] of Object.entries(ROUTES)) {
      expect([name, role]).toEqual([name, name.startsWith('POST') ? 'operator' : 'finance']);
    }
  });

  /** Who asks, and what they are answered where only operators, and where both may call; null = they are let in. */
  const CALLERS = [
    ['nobody', undefined, { operator: 401, finance: 401 }],
    ['an authorizer that says nothing', {}, { operator: 401, finance: 401 }],
    ['somebody without a role', byToken(), { operator: 403, finance: 403 }],
    ['somebody with a role that is not ours', byToken('admin'), { operator: 403, finance: 403 }],
    ['finance', byToken('finance'), { operator: 403, finance: null }],
    ['an operator', byToken('operator'), { operator: null, finance: null }],
  ] as const;
  const EACH = Object.entries(ROUTES).flatMap(([name, { role }]) =>
    CALLERS.map(([who, authorizer, refused]) => ({ name, who, authorizer, refused: refused[role] })),
  );

  test.each(EACH.filter(({ refused }) => refused !== null))(
    '$name refuses $who with $refused, before anything is read',
    async ({ name, authorizer, refused }) => {
      const rig = await withDebtor();
      const { status, headers } = await call(rig.as(authorizer), name);
      expect(status).toBe(refused);
      expect(headers['www-authenticate']).toBe(refused === 401 ? 'Bearer' : undefined);
      expect(rig.operations).toEqual([]);
    },
  );

  test.each(EACH.filter(({ refused }) => refused === null))(
    '$name lets $who in',
    async ({ name, authorizer }) => {
      const { status } = await call((await withDebtor()).as(authorizer), name);
      // What is acted on can still be refused for what it is.
      expect(name.startsWith('GET') ? [200] : [200, 400, 422]).toContain(status);
    },
  );

  test('who is signed in without a role is told what to ask for, so that nobody signs in again for it', async () => {
    const { body } = await openFinance().as(byToken()).get('/cases');
    expect(body['detail']).toBe('you are signed in, and have no role here: ask for finance or operator');
  });
});

describe('every answer', () => {
  test.each(['/cases', '/nowhere', '/cases?limit=0', '/reports/recovery.csv'])(
    'of %s is kept by nobody, shown in no frame, and given to no other site',
    async (path) => {
      const { headers } = await openFinance().get(path, { headers: { origin: 'https://evil.test' } });
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  test('says which methods an address takes, and that there is nothing at another', async () => {
    const rig = openFinance();
    const wrong = await rig.ask('DELETE', CASE);
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET']);
    const pressed = await rig.get(`${CUSTOMER}/hold`);
    expect([pressed.status, pressed.headers['allow']]).toEqual([405, 'POST']);
    expect((await rig.ask('OPTIONS', '/cases')).status).toBe(405);
    for (const path of [
      '/',
      '/reports',
      '/cases/stripe',
      `${CUSTOMER}/delete`,
      '/__proto__',
      '/reports/recoveryxcsv',
    ]) {
      expect((await rig.get(path)).status).toBe(404);
    }
  });

  const OPERATOR = byToken('operator');
  test.each([
    ['not_signed_in', 'GET', '/cases', undefined],
    ['no_role', 'GET', '/cases', byToken()],
    ['operators_only', 'POST', `${CUSTOMER}/hold`, byToken('finance')],
    ['no_address', 'GET', '/nowhere', OPERATOR],
    ['no_method', 'GET', `${CUSTOMER}/hold`, OPERATOR],
    ['no_connection', 'GET', '/cases/paddle/cus_1/case_in_1', OPERATOR],
    ['no_case', 'GET', '/cases/stripe/cus_1/case_9', OPERATOR],
    ['no_journal_page', 'GET', `${CASE}/journal?page=9`, OPERATOR],
  ] as const)('says by a code that stays which problem it is: %s', async (code, method, path, who) => {
    const { status, body } = await (await withDebtor()).as(who).ask(method, path);
    expect([status, body['code']]).toEqual([PROBLEMS[code], code]);
  });

  test('tells a store that is away from a fault of ours, and neither says what stands inside', async () => {
    const away = openFinance({
      fault: () => {
        throw new OutsideError('dynamodb at 10.0.0.7 did not answer for ana@example.com', 'later');
      },
    });
    const broken = openFinance({
      fault: () => {
        throw new TypeError('cannot read ana@example.com');
      },
    });
    for (const [rig, status] of [
      [away, 503],
      [broken, 500],
    ] as const) {
      const { status: told, bytes, body } = await rig.get('/cases');
      expect([told, body['code']]).toEqual([status, status === 503 ? 'unavailable' : 'failed']);
      expect(bytes.toString()).not.toMatch(/ana|10\.0|TypeError|\.ts/);
      expect(rig.errors).toHaveLength(1);
    }
  });
});

describe('a question that is not as it should be', () => {
  test.each([
    ['/reports/recovery?from=yesterday', 'from', 'day_or_month'],
    ['/reports/recovery?from=2026-13', 'from', 'day_or_month'],
    ['/reports/recovery?from=2026-02-30', 'from', 'day_or_month'],
    ['/reports/recovery?from=2026-03&to=2026-02', 'to', 'backwards'],
    ['/reports/recovery?from=2020-01&to=2026-02', 'from', 'period_too_long'],
    ['/reports/recovery?months=0', 'months', 'whole_number'],
    ['/reports/recovery?months=1e3', 'months', 'whole_number'],
    ['/reports/recovery?by=weather', 'by', 'choice'],
    ['/reports/recovery?currency=euro', 'currency', 'currency'],
    ['/reports/recovery?decline=bad', 'decline', 'choice'],
    ['/reports/recovery?currancy=EUR', 'currancy', 'unknown_field'],
    ['/reports/recovery.csv?by=plan', 'by', 'unknown_field'],
    ['/reports/recovery.xlsx?months=3', 'months', 'unknown_field'],
    ['/cases?limit=101', 'limit', 'whole_number'],
    ['/cases?limit=-1', 'limit', 'whole_number'],
    ['/cases?outcome=won', 'outcome', 'choice'],
    ['/cases?after=!', 'after', 'place'],
    ['/cases?after=AAAA', 'after', 'place'],
    [`/cases?after=${Buffer.from('["2026","x"]').toString('base64url')}`, 'after', 'place'],
    ['/cases?customer=a b', 'customer', 'customer_id'],
    ['/cases?customer=x/y/z', 'customer', 'customer_id'],
    ['/cases?__proto__=1', '__proto__', 'unknown_field'],
    ['/openapi.json?x=1', 'x', 'unknown_field'],
    ['/me?x=1', 'x', 'unknown_field'],
    ['/health?x=1', 'x', 'unknown_field'],
    ['/policy?x=1', 'x', 'unknown_field'],
    [`${CASE}/journal?page=0`, 'page', 'whole_number'],
    [`${CASE}/journal?page=1e9`, 'page', 'whole_number'],
    [`${CASE}/journal?page=-1`, 'page', 'whole_number'],
    [`${CASE}/journal?pages=1`, 'pages', 'unknown_field'],
  ])('%s is told which field and what to write: %s, %s', async (path, field, code) => {
    const rig = openFinance();
    const { status, body } = await rig.get(path);
    expect([status, body['code'], body['detail']]).toEqual([400, 'invalid', expect.stringContaining(field)]);
    expect(body['fields']).toEqual([{ field, code, why: expect.stringMatching(/.{5}/) }]);
    expect(rig.operations).toEqual([]);
  });

  test('never hears its own words again', async () => {
    const secret = 'ana@example.com<script>';
    const rig = await withDebtor();
    for (const name of ['from', 'currency', 'decline', 'limit', 'after', 'customer', 'outcome']) {
      const { bytes } = await rig.get(`/cases?${name}=${encodeURIComponent(secret)}`);
      expect(bytes.toString()).not.toMatch(/ana|script/);
    }
    const posted = await rig.post(`${CUSTOMER}/close`, { note: 'x', as: secret });
    expect(posted.bytes.toString()).not.toMatch(/ana|script/);
    expect(posted.body['fields']).toEqual([
      { field: 'as', code: 'choice', why: expect.stringContaining('lost') },
    ]);
  });
});

describe('the report', () => {
  test('has every amount in minor units and as a decimal, and adds up', async () => {
    const rig = openFinance();
    await withClosed(rig, [1, 2, 3]);
    const { body } = await rig.get('/reports/recovery?from=2026-03&by=kind&months=6');
    const [euro] = body['currencies'] as Record<string, unknown>[];
    expect(body).toMatchObject({ by: 'kind', cases: 3, from: '2026-03-01T00:00:00.000Z' });
    expect(euro).toMatchObject({
      currency: 'EUR',
      cell: {
        failed: { n: 3, amount: { minor: 14700, currency: 'EUR', decimal: '147.00' } },
        recovered: { n: 3, amount: { minor: 14700, currency: 'EUR', decimal: '147.00' } },
      },
      rate: { hits: 3, of: 3 },
      recurring: { months: 6 },
    });
  });

  test('has what is at risk now, of a period in which nothing failed too, and a debit that came back apart', async () => {
    const rig = await withDebtor();
    const currenciesOf = async (query: string) =>
      (await rig.get(`/reports/recovery?${query}`)).body['currencies'];
    const amount = { minor: 4900, currency: 'EUR', decimal: '49.00' };
    expect(await currenciesOf('from=2026-01')).toMatchObject([
      {
        cell: { failed: { n: 0 } },
        atRisk: {
          open: { n: 1, amount },
          ages: [
            { name: '0-7', fromDays: 0, toDays: 7, n: 0 },
            { name: '8-14', fromDays: 8, toDays: 14, n: 1, amount },
            { name: '15-30', fromDays: 15, toDays: 30, n: 0 },
            { name: 'over-30', fromDays: 31, toDays: null, n: 0 },
          ],
          expected: null,
          untold: { n: 1, amount },
          imported: { n: 0 },
        },
      },
    ]);
    await withClosed(rig, [2], at('2026-03-05T00:00Z'));
    const back = { caseId: 'case_in_2', subjectId: 'in_2', kind: 'reversal', amount } as const;
    await rig.store.putAdjustment(
      adjustmentOf(keyOf('cus_2'), 'a1', { ...back, at: at('2026-03-07T09:00Z') }),
    );
    expect(await currenciesOf('from=2026-03')).toMatchObject([
      { moved: [{ disputed: { n: 0 }, reversed: { n: 1, amount }, net: { minor: 0 } }] },
    ]);
  });

  test('names each band of what is at risk, and its invoices come to it', async () => {
    const rig = await withDebtor();
    type Band = { readonly name: string; readonly n: number; readonly amount: object };
    const { currencies } = (await rig.get('/reports/recovery')).body as {
      currencies: { atRisk: { ages: Band[] } }[];
    };
    const bands = currencies.flatMap(({ atRisk }) => atRisk.ages);
    expect(bands.map(({ n }) => n)).toEqual([0, 1, 0, 0]);
    for (const { name, n, amount } of bands) {
      const { body } = await rig.get(`/invoices?total=at_risk_aged&value=${name}`);
      expect([name, body['sum']]).toEqual([name, n === 0 ? [] : [{ n, amount }]]);
      expect(body['invoices']).toHaveLength(n);
    }
  });

  test('has what running cost, by kind of request, by currency and by unit recovered', async () => {
    const rig = openFinance();
    const requests = { received: 2, visits: 9, writes: 30 };
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { requests }));
    const { cost } = (await rig.get('/reports/recovery?from=2026-03')).body as { cost: RunningCost };
    expect(cost).toMatchObject({
      asOf: expect.stringMatching(/^\d{4}-\d{2}$/),
      requests: [
        { kind: 'received', n: 2 },
        { kind: 'visits', n: 9 },
        { kind: 'writes', n: 30 },
        { kind: 'mails', n: 1 },
        { kind: 'uncounted', n: 0, dollars: 0 },
      ],
      anInvoice: cost.dollars,
      // 49 euros came back.
      currencies: [{ currency: 'EUR', dollars: cost.dollars, aUnit: cost.dollars / 49 }],
    });
    expect(cost.dollars).toBeGreaterThan(0);
  });

  test('takes filters, and a currency in either case', async () => {
    const rig = openFinance();
    await withClosed(rig, [1]);
    const cases = async (query: string) => (await rig.get(`/reports/recovery?from=2026-03&${query}`)).body;
    expect(await cases('currency=eur')).toMatchObject({ cases: 1, filters: ['currency EUR'] });
    expect(await cases('currency=USD')).toMatchObject({ cases: 0, currencies: [] });
    expect(await cases('brand=visa')).toMatchObject({ cases: 0, filters: ['brand visa'] });
  });

  test('comes as a file too, named after its days', async () => {
    const rig = openFinance();
    await withClosed(rig, [1]);
    const csv = await rig.get('/reports/recovery.csv?from=2026-03&to=2026-03-15');
    expect(csv.headers['content-disposition']).toBe(
      'attachment; filename="recoup-2026-03-01-2026-03-15.csv"',
    );
    expect(csv.bytes.toString('utf8').split('\r\n')).toHaveLength(3);
    expect(csv.bytes.toString('utf8')).toContain('49.00');
    const xlsx = await rig.get('/reports/recovery.xlsx?from=2026-03');
    expect(xlsx.bytes.subarray(0, 2).toString()).toBe('PK');
  });

  test('whose file is larger than can be answered is refused with what to do instead', async () => {
    const rig = openFinance();
    await rig.store.closeCase(
      closedCaseOf(KEY, 'case_in_1', {
        invoices: [bookOf('in_1', { outcome: 'lost', lostMinor: 4900, openMinor: 0, why: 'x'.repeat(5e6) })],
      }),
    );
    const { status, body } = await rig.get('/reports/recovery.csv?from=2026-03');
    expect([status, body['code']]).toEqual([422, 'file_too_large']);
    expect(body['detail']).toContain('shorter period');
  });
});

describe('the list of cases', () => {
  test('shows the newest first, and its pages hold while cases are opened and closed', async () => {
    const rig = await withDebtor();
    await withClosed(rig, [2, 3, 4, 5, 6, 7]);
    const first = await rig.get('/cases?limit=3');
    expect(idsIn(first.body)).toEqual(['case_in_7', 'case_in_6', 'case_in_5']);
    await withClosed(rig, [8, 9], at('2026-03-08T00:00Z'));
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    const second = await rig.get(`/cases?limit=3&after=${String(first.body['next'])}`);
    expect(idsIn(second.body)).toEqual(['case_in_4', 'case_in_3', 'case_in_2']);
    const third = await rig.get(`/cases?limit=3&after=${String(second.body['next'])}`);
    expect([idsIn(third.body), third.body['next']]).toEqual([['case_in_1'], null]);
  });

  test('ends where nothing follows, also when the last page is full', async () => {
    const rig = openFinance();
    await withClosed(rig, [1, 2]);
    expect((await rig.get('/cases?limit=2')).body['next']).toBeNull();
    expect((await rig.get('/cases?limit=1')).body['next']).not.toBeNull();
  });

  test('goes from month to month, and keeps to its period', async () => {
    const rig = openFinance();
    await withClosed(rig, [1], at('2025-12-31T00:00Z'));
    await withClosed(rig, [2], at('2026-02-10T00:00Z'));
    await withClosed(rig, [3], at('2026-03-02T00:00Z'));
    expect(idsIn((await rig.get('/cases?from=2025-12&to=2026-03')).body)).toEqual([
      'case_in_3',
      'case_in_2',
      'case_in_1',
    ]);
    expect(idsIn((await rig.get('/cases')).body)).toEqual(['case_in_3']);
    expect(idsIn((await rig.get('/cases?from=2026-02-10&to=2026-02-10')).body)).toEqual(['case_in_2']);
    for (const days of ['from=2026-02-11&to=2026-02-28', 'from=2026-02-01&to=2026-02-09']) {
      expect(idsIn((await rig.get(`/cases?${days}`)).body)).toEqual([]);
    }
  });

  test('a case that was lost and paid later counts as recovered, and not as lost', async () => {
    const rig = openFinance();
    const lost = bookOf('in_1', { outcome: 'lost', lostMinor: 4900, openMinor: 0, why: 'given up' });
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { invoices: [lost] }));
    expect(idsIn((await rig.get('/cases?outcome=lost')).body)).toEqual(['case_in_1']);
    await rig.store.putAdjustment(
      adjustmentOf(KEY, 'paid:in_1', { amount: { minor: 4900, currency: 'EUR' } }),
    );
    expect(idsIn((await rig.get('/cases?outcome=lost')).body)).toEqual([]);
    expect(idsIn((await rig.get('/cases?outcome=recovered')).body)).toEqual(['case_in_1']);
  });

  test('takes what failures are told apart by', async () => {
    const rig = await withDebtor();
    expect(idsIn((await rig.get('/cases?outcome=open&campaign=default&currency=eur')).body)).toEqual([
      'case_in_1',
    ]);
    for (const other of ['outcome=lost', 'campaign=other', 'currency=USD', 'country=DE', 'kind=bank_debit']) {
      expect(idsIn((await rig.get(`/cases?${other}`)).body)).toEqual([]);
    }
    expect(idsIn((await rig.get('/cases?country=AT')).body)).toEqual(['case_in_1']);
  });

  test('goes on after a page of a rare filter that came to nothing', async () => {
    const rig = openFinance();
    const many = Array.from({ length: 810 }, (_, i) => i + 1);
    for (const id of many) {
      const openedAt = addMs(at('2026-03-02T00:00Z'), id * 1000);
      await rig.store.closeCase(closedCaseOf(keyOf(`cus_${id}`), `case_in_${id}`, { openedAt }));
    }
    const page = await rig.get('/cases?country=AT');
    expect(idsIn(page.body)).toEqual([]);
    const last = await rig.get(`/cases?country=AT&after=${String(page.body['next'])}`);
    expect([idsIn(last.body), last.body['next']]).toEqual([[], null]);
  });
});

describe('an exact id', () => {
  test('of a customer finds every case, whenever it was opened, and reads no other’s', async () => {
    const rig = await withDebtor();
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_0', { openedAt: at('2019-06-01T00:00Z') }));
    await rig.store.closeCase(closedCaseOf(keyOf('cus_3'), 'case_in_3'));
    rig.operations.length = 0;
    for (const id of ['cus_1', 'stripe/cus_1']) {
      expect(idsIn((await rig.get(`/cases?customer=${id}`)).body)).toEqual(['case_in_1', 'case_in_0']);
    }
    expect(rig.operations).not.toContain('listCases');
    expect(idsIn((await rig.get('/cases?customer=cus_1&from=2026-03')).body)).toEqual(['case_in_1']);
    expect(idsIn((await rig.get('/cases?customer=cus_1&invoice=in_0')).body)).toEqual([]);
    // While it is being closed it stands in the outbox, and then in both places: it is one case.
    const known = await stored(rig);
    const leaving = closedCaseOf(KEY, 'case_in_1');
    const outbox = { closed: leaving, adjustments: [], journal: null };
    const recovery = { ...known.recovery, case: null };
    await rig.store.save({ ...known, version: known.version + 1, recovery, outbox });
    expect(idsIn((await rig.get('/cases?customer=cus_1')).body)).toEqual(['case_in_1', 'case_in_0']);
    await rig.store.closeCase(leaving);
    expect(idsIn((await rig.get('/cases?customer=cus_1')).body)).toEqual(['case_in_1', 'case_in_0']);
    const first = await rig.get('/cases?customer=cus_1&limit=1');
    const second = await rig.get(`/cases?customer=cus_1&limit=1&after=${String(first.body['next'])}`);
    expect([...idsIn(first.body), ...idsIn(second.body)]).toEqual(['case_in_1', 'case_in_0']);
    for (const id of ['cus_2', 'other/cus_1', 'cus_']) {
      expect(idsIn((await rig.get(`/cases?customer=${id}`)).body)).toEqual([]);
    }
  });

  test('of an invoice finds its case by the case’s name, by reading it, and for a payment that came back', async () => {
    const rig = openFinance();
    await withClosed(rig, [1, 2, 3]);
    const second = [bookOf('in_8'), bookOf('in_9')].map((book) => ({
      ...book,
      outcome: 'lost' as const,
      lostMinor: 4900,
      openMinor: 0,
    }));
    await rig.store.closeCase(closedCaseOf(keyOf('cus_8'), 'case_in_8', { invoices: second }));
    const returned = bookOf('in_9:re_1', {
      invoiceId: 'in_9',
      outcome: 'lost',
      lostMinor: 4900,
      openMinor: 0,
    });
    const later = { openedAt: at('2026-03-09T00:00Z'), invoices: [returned] };
    await rig.store.closeCase(closedCaseOf(keyOf('cus_8'), 'case_in_9-re_1', later));
    rig.operations.length = 0;
    expect(idsIn((await rig.get('/cases?invoice=in_2')).body)).toEqual(['case_in_2']);
    // The one that is named so, and the one of several invoices; those of a single other one are not read.
    expect(rig.operations.filter((name) => name === 'loadCases')).toHaveLength(2);
    expect(idsIn((await rig.get('/cases?invoice=in_9')).body)).toEqual(['case_in_9-re_1', 'case_in_8']);
    expect(idsIn((await rig.get('/cases?invoice=in_')).body)).toEqual([]);
    expect(idsIn((await rig.get('/cases?invoice=in_2&customer=cus_9')).body)).toEqual([]);
  });
});

describe('a case', () => {
  test('that is open tells every step with its rule, what comes next, and the version to act on', async () => {
    const { body } = await (await withDebtor()).get(CASE);
    expect(body).toMatchObject({
      connection: 'stripe',
      customer: 'cus_1',
      outcome: 'open',
      version: 1,
      next: { kind: expect.any(String), why: expect.any(String) },
      totals: [{ failed: { minor: 4900, decimal: '49.00' }, open: { minor: 4900 } }],
      invoices: [{ invoice: 'in_1', number: 'R-1001', country: 'AT' }],
    });
    expect((body['steps'] as unknown[]).length).toBeGreaterThan(0);
  });

  test('that is closed tells what came later and the mails that went, and nothing to come', async () => {
    const rig = openFinance();
    const record = closedCaseOf(KEY, 'case_in_1');
    const [step] = record.steps;
    if (!step) throw new Error('the case has a step');
    const steps = [
      { ...step, messageId: '<1@eu.amazonses.com>', told: ['sent', 'delivered'] as const },
      { ...step, id: 'day-3', status: 'skipped' as const },
    ];
    await rig.store.closeCase({ ...record, steps });
    await rig.store.putAdjustment(adjustmentOf(KEY, 'late'));
    expect((await rig.get(CASE)).body).toMatchObject({
      outcome: 'recovered',
      next: null,
      mails: [
        {
          step: 'day-0',
          message: 'payment-failed',
          messageId: '<1@eu.amazonses.com>',
          told: ['sent', 'delivered'],
        },
      ],
      adjustments: [{ id: 'late', kind: 'payment', amount: { minor: 1000, decimal: '10.00' } }],
      journal: [{ what: 'case opened' }],
    });
  });

  test('shows each mail in the words that went, and says when the words have changed since', async () => {
    const sent = createComposer(shippedTemplates())(
      aMailRequest({ message: 'reminder', language: 'fr', sender: policyOf().sender }),
    );
    const [step] = closedCaseOf(KEY, 'case_in_1').steps;
    if (!step || !sent.said) throw new Error('the case has a step, and something is kept of the mail');
    const steps = [{ ...step, message: 'reminder', said: sent.said }, step];
    const shown = async (templates: () => Templates) => {
      const rig = openFinance({ templates });
      await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { steps }));
      return (await rig.get(CASE)).body['mails'] as readonly { language: unknown; words: unknown }[];
    };
    const [first, second] = await shown(shippedTemplates);
    expect(first).toMatchObject({
      language: 'fr',
      words: { subject: sent.subject, isAsSent: true, leftOut: ['name', 'card', 'links'] },
    });
    expect(second).toMatchObject({ language: null, words: null });
    const changed = { ...shippedTemplates(), text: 'Bonjour' };
    expect((await shown(() => changed))[0]).toMatchObject({ words: { isAsSent: false } });
    const broken = async () => shown(() => ({ ...changed, outlines: {} }));
    expect((await broken())[0]).toMatchObject({ language: 'fr', words: null });
  });

  test('tells the customer’s own words to who may act, while it is open, and to nobody else', async () => {
    const rig = await withDebtor();
    const known = await stored(rig);
    const answers = [{ at: NOW, kind: 'other', promisedDay: null, held: false, text: 'unwell' }] as const;
    const recovery = { ...known.recovery, answers };
    await rig.store.save({ ...known, version: known.version + 1, recovery });
    expect((await rig.as(byToken('operator')).get(CASE)).body).toMatchObject({
      answers: [{ text: 'unwell' }],
    });
    const read = await rig.as(byToken('finance')).get(CASE);
    expect(read.body).toMatchObject({ answers: [{ kind: 'other', text: null }] });
    expect(read.bytes.toString()).not.toContain('unwell');
  });

  test('opens the older pages of its journal, the latest first, and says how many there are', async () => {
    const rig = await withDebtor();
    const known = await stored(rig);
    const older = [{ at: NOW, what: 'older', why: 'in_1 failed', count: 1 }];
    // The last one was cut off in a visit that has not put it yet.
    const outbox = { closed: null, adjustments: [], journal: { page: 1, entries: older } };
    const recovery = { ...known.recovery, journalPages: 2 };
    await rig.store.save({ ...known, version: known.version + 1, recovery, outbox });
    expect((await rig.get(CASE)).body).toMatchObject({ olderJournalPages: 2 });
    const first = await rig.get(`${CASE}/journal`);
    expect(first.body).toEqual({ page: 1, pages: 2, journal: older });
    const second = await rig.get(`${CASE}/journal?page=2`);
    expect(second.body).toEqual({ page: 2, pages: 2, journal: OLDEST });
    const third = await rig.get(`${CASE}/journal?page=3`);
    expect([third.status, third.body['detail']]).toEqual([404, expect.stringContaining('2 older pages')]);
  });

  test('that is closed opens the pages that there were by then', async () => {
    const rig = openFinance();
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { journalPages: 1 }));
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_2'));
    for (const page of [0, 1]) {
      await rig.store.putJournalPage(KEY, page, [lineOf(`page ${page}`)]);
    }
    expect((await rig.get(CASE)).body).toMatchObject({ olderJournalPages: 1 });
    expect((await rig.get(`${CASE}/journal?page=1`)).body).toMatchObject({ journal: [{ what: 'page 0' }] });
    expect((await rig.get(`${CASE}/journal?page=2`)).status).toBe(404);
    const none = await rig.get('/cases/stripe/cus_1/case_in_2/journal');
    expect([none.status, none.body['detail']]).toEqual([404, expect.stringContaining('every line')]);
  });

  test('tells no name and no address, whoever asks', async () => {
    const rig = await withDebtor();
    for (const path of [
      CASE,
      '/cases',
      '/reports/recovery',
      '/reports/recovery.csv',
      '/invoices?total=failed',
    ]) {
      expect((await rig.get(path)).bytes.toString()).not.toMatch(/ana@example\.com|\bAna\b/);
    }
  });

  test.each([
    '/cases/stripe/cus_1/case_in_2',
    '/cases/stripe/cus_2/case_in_1',
    '/cases/paddle/cus_1/case_in_1',
    '/cases/__proto__/cus_1/case_in_1',
    '/cases/stripe/cus_1/case_in_2/journal',
    '/cases/paddle/cus_1/case_in_1/journal',
  ])('%s is not there', async (path) => {
    expect([404, 400]).toContain((await (await withDebtor()).get(path)).status);
  });
});

describe('an action', () => {
  test('is noted with who is signed in and why, and answers with the version now', async () => {
    const rig = await withDebtor();
    const done = await rig.post(`${CUSTOMER}/hold`, { note: '  promised\nby phone ', until: '2026-03-20' });
    expect(done.body).toMatchObject({ connection: 'stripe', customer: 'cus_1', version: 2 });
    const { recovery } = await stored(rig);
    expect(recovery.hold).toMatchObject({
      by: 'ana@example.com',
      note: 'promised by phone',
      until: '2026-03-20T23:59:59.999Z',
    });
    expect(recovery.journal.at(-1)?.what).toContain('by ana@example.com');
    expect((await rig.post(`${CUSTOMER}/resume`, { note: 'paid half' })).body).toMatchObject({ version: 3 });
    expect((await rig.get(CASE)).body).toMatchObject({ version: 3, held: null });
  });

  test('of each kind does what the command of its name does', async () => {
    const bodies: Readonly<Record<string, object>> = {
      hold: { until: '2026-03-20T12:00:00Z' },
      exclude: {},
      'retry-now': { invoice: 'in_1' },
      close: { as: 'withdrawn', invoice: 'in_1' },
      'revoke-links': {},
      erase: {},
    };
    for (const [name, body] of Object.entries(bodies)) {
      const rig = await withDebtor();
      const done = await rig.post(`${CUSTOMER}/${name}`, { note: 'asked for', ...body });
      expect([name, done.status]).toEqual([name, 200]);
      expect((await stored(rig)).version).toBe(2);
    }
  });

  test('that is refused says why, with 422, and changes nothing', async () => {
    const rig = await withDebtor();
    for (const [path, body, code, why] of [
      [`${CUSTOMER}/resume`, {}, 'not_held', 'is not held'],
      [`${CUSTOMER}/write-again`, {}, 'mail_goes', 'is not stopped'],
      [`${CUSTOMER}/hold`, { until: '2026-03-01' }, 'until_past', 'in the past'],
      [`${CUSTOMER}/retry-now`, { invoice: 'in_7' }, 'not_open', 'no open invoice'],
      ['/customers/stripe/cus_7/exclude', {}, 'not_known', 'nothing is known'],
    ] as const) {
      const { status, body: told } = await rig.post(path, { note: 'x', ...body });
      expect([status, told['code'], told['detail']]).toEqual([422, code, expect.stringContaining(why)]);
    }
    expect((await stored(rig)).version).toBe(1);
  });

  test('on what has changed since it was shown is a conflict, and changes nothing', async () => {
    const rig = await withDebtor();
    const { status, body } = await rig.post(`${CUSTOMER}/exclude`, { note: 'x', ifVersion: 7 });
    expect([status, body['code']]).toEqual([409, 'changed']);
    expect(body['detail']).toContain('look at it again');
    expect((await rig.post(`${CUSTOMER}/exclude`, { note: 'x', ifVersion: 1 })).status).toBe(200);
  });

  test('that other writers keep being ahead of is a conflict too', async () => {
    const rig = await withDebtor({
      fault: (operation) => {
        if (operation === 'save' && rigIsReady) throw new VersionConflictError('another writer was first');
      },
    });
    rigIsReady = true;
    expect((await rig.post(`${CUSTOMER}/exclude`, { note: 'x' })).body).toMatchObject({
      status: 409,
      code: 'contended',
    });
    rigIsReady = false;
  });
  let rigIsReady = false;

  test('ahead of any failure has to be asked for', async () => {
    const rig = openFinance();
    expect((await rig.post(`${CUSTOMER}/exclude`, { note: 'x', ahead: true })).status).toBe(200);
    expect((await stored(rig)).recovery.hold?.kind).toBe('excluded');
  });

  test('on a connection that is not there is 404', async () => {
    const { status, body } = await openFinance().post('/customers/paddle/cus_1/erase', { note: 'x' });
    expect([status, body['detail']]).toEqual([404, expect.stringContaining('there is stripe')]);
  });

  test('of one of several connections leaves the other alone', async () => {
    const rig = await withDebtor({ connections: ['stripe', 'stripe-eu'] });
    await rig.post('/customers/stripe-eu/cus_1/exclude', { note: 'x', ahead: true });
    expect((await stored(rig)).recovery.hold).toBeNull();
    expect((await rig.store.load(customerKey('stripe-eu', 'cus_1'), NOW)).recovery.hold).not.toBeNull();
  });

  test.each([
    ['no note', {}, 'note', 'needed'],
    ['an empty note', { note: ' \u200B ' }, 'note', 'note_needed'],
    ['a note that is none', { note: 7 }, 'note', 'note_needed'],
    ['a note that is too long', { note: 'x'.repeat(501) }, 'note', 'too_long'],
    ['another name', { note: 'x', who: 'Eve' }, 'who', 'unknown_field'],
    ['no version', { note: 'x', ifVersion: -1 }, 'ifVersion', 'format'],
    ['no date', { note: 'x', until: 'soon' }, 'until', 'until'],
    ['a date that is none', { note: 'x', until: '2026-02-30' }, 'until', 'until'],
  ])('with %s is told so, and nothing is read', async (_, body, field, code) => {
    const rig = await withDebtor();
    const { status, body: told } = await rig.post(`${CUSTOMER}/hold`, { until: '2026-03-20', ...body });
    expect([status, told['fields']]).toEqual([400, [{ field, code, why: expect.any(String) }]]);
    expect(rig.operations).toEqual([]);
  });

  test.each([
    ['text', 'not_sent_as_json', { headers: { 'content-type': 'text/plain' } }],
    ['a form', 'not_sent_as_json', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['nothing said of it', 'not_sent_as_json', { headers: {} }],
    ['too large', 'body_too_large', { body: JSON.stringify({ note: 'x'.repeat(9000) }) }],
    ['no JSON', 'no_json', { body: '{"note": ana@example.com' }],
    ['a list', 'invalid', { body: '[]' }],
    ['nothing', 'no_json', { body: '' }],
  ])('whose body is %s is %s', async (_, code, changes) => {
    const rig = await withDebtor();
    const { bytes, body } = await rig.post(`${CUSTOMER}/exclude`, { note: 'x' }, changes);
    expect(body['code']).toBe(code);
    expect(bytes.toString()).not.toContain('ana');
    expect(rig.operations).toEqual([]);
  });

  test('takes a body in base64, as API Gateway hands some over', async () => {
    const rig = await withDebtor();
    const body = Buffer.from('{"note":"é"}').toString('base64');
    const changes = { body, isBase64Encoded: true };
    expect((await rig.post(`${CUSTOMER}/exclude`, null, changes)).status).toBe(200);
    expect((await stored(rig)).recovery.hold?.note).toBe('é');
  });

  test('on somebody who was erased still tells what is known', async () => {
    const rig = await withDebtor();
    await erase({ store: rig.store, backOff: async () => {} }, KEY, ANNA, NOW);
    expect((await rig.get(CASE)).body).toMatchObject({ erasedAt: NOW });
    expect((await rig.post(`${CUSTOMER}/erase`, { note: 'again' })).status).toBe(422);
  });
});
