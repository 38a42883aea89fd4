// The finance API on the local server, over real HTTP: the demonstration's figures, cases and an operator's hand.
import { afterEach, describe, expect, test } from 'vitest';
import { startRig, tidyUp, type Rig } from './server-rig.ts';

afterEach(tidyUp);

type Json = Record<string, unknown>;

const json = async (rig: Rig, path: string): Promise<Json> =>
  JSON.parse((await rig.get(`/api${path}`, 'application/json')).text) as Json;

const post = (rig: Rig, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${rig.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

type Line = { readonly connection: string; readonly customer: string; readonly case: string };

type Shown = {
  readonly subject: string;
  readonly step: string;
  readonly language: string;
  readonly words: unknown;
};

describe('/api', () => {
  test('shows the demonstration: its report, its cases page by page, and each of them', async () => {
    const rig = await startRig();
    const report = await json(rig, '/reports/recovery?from=2026-02&to=2026-03');
    expect(report['cases']).toBeGreaterThan(0);
    const seen: Line[] = [];
    let next: string | null = '';
    while (next !== null) {
      const after: string = next === '' ? '' : `&after=${next}`;
      const page = await json(rig, `/cases?from=2026-02&to=2026-03&limit=2${after}`);
      seen.push(...(page['cases'] as Line[]));
      next = page['next'] as string | null;
    }
    const ids = seen.map((line) => line.case);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(
      rig.system.books
        .all()
        .map(({ record }) => record.id)
        .toSorted(),
    );
    for (const line of seen) {
      const one = await json(rig, `/cases/${line.connection}/${line.customer}/${line.case}`);
      expect(one).toMatchObject({ case: line.case, steps: expect.any(Array), mails: expect.any(Array) });
    }
  });

  test('opens every total of the demonstration’s report into its invoices', async () => {
    const rig = await startRig();
    const period = 'from=2026-02&to=2026-03';
    const { currencies } = await json(rig, `/reports/recovery?${period}`);
    type Told = { readonly amount: { readonly minor: number } };
    for (const { currency, cell } of currencies as { currency: string; cell: Record<string, Told> }[]) {
      for (const [total, told] of Object.entries(cell)) {
        const { sum } = await json(rig, `/invoices?${period}&total=${total}&currency=${currency}`);
        expect([total, (sum as Told[])[0]?.amount.minor ?? 0]).toEqual([total, told.amount.minor]);
      }
    }
    const { cohorts } = await json(rig, '/reports/cohorts?from=2026-02&to=2026-03');
    expect((cohorts as Json[]).length).toBeGreaterThan(0);
  });

  test('says by which clock it goes, how the system stands, and by which policy', async () => {
    const rig = await startRig();
    const me = await json(rig, '/me');
    expect(me).toMatchObject({ who: 'local', role: 'operator', connections: ['stripe'] });
    expect(me['where']).toBe('the demonstration');
    const health = await json(rig, '/health');
    expect(health).toMatchObject({ budgets: { requestsPerSecond: null }, stuck: expect.any(Array) });
    const [connection] = health['connections'] as { heard: { at: string } }[];
    expect(connection?.heard.at.slice(0, 7)).toBe(String(me['now']).slice(0, 7));
    expect(await json(rig, '/policy')).toMatchObject({ campaigns: expect.any(Array), timeZone: 'UTC' });
  });

  test('shows the mails of a case in the words that stand in the outbox', async () => {
    const rig = await startRig();
    const { cases } = await json(rig, '/cases?from=2026-02&to=2026-03&limit=100');
    let compared = 0;
    for (const line of cases as Line[]) {
      const one = await json(rig, `/cases/${line.connection}/${line.customer}/${line.case}`);
      for (const mail of one['mails'] as Shown[]) {
        const sent = rig.system.mails.find(
          ({ caseId, subjectId, stepId }) =>
            caseId === line.case && subjectId === mail.subject && stepId === mail.step,
        );
        expect(mail.words).toMatchObject({ subject: sent?.subject, isAsSent: true });
        expect(mail.language).toBe(sent?.language);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(3);
  });

  test('has the report as files, and says what else there is', async () => {
    const rig = await startRig();
    const csv = await rig.get('/api/reports/recovery.csv?from=2026-02&to=2026-03');
    expect([csv.status, csv.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/csv')]);
    expect(csv.text.split('\r\n').length).toBeGreaterThan(2);
    const document = await json(rig, '/openapi.json');
    expect(document).toMatchObject({ openapi: '3.1.0' });
    expect((await rig.get('/api/nowhere')).status).toBe(404);
    const wrong = await fetch(`${rig.url}/api/cases`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('holds a customer back as "local", and not for a page that stands elsewhere', async () => {
    const rig = await startRig();
    const page = await json(rig, '/cases?from=2026-02&to=2026-03&outcome=open&limit=1');
    const [line] = page['cases'] as Line[];
    if (!line) throw new Error('the demonstration has an open case');
    const path = `/customers/${line.connection}/${line.customer}/exclude`;
    const body = { note: 'key account' };
    expect((await post(rig, path, body, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await post(rig, path, 'x'.repeat(100_000))).status).toBe(413);
    expect((await post(rig, path, body)).status).toBe(200);
    const one = await json(rig, `/cases/${line.connection}/${line.customer}/${line.case}`);
    expect(one).toMatchObject({ held: { why: 'excluded by local', until: null } });
  });
});
