// One case as the page tells it: its stream, what its journal says twice, its reasons in words, and the HTML of its mails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../../web/finance/api.ts';
import type { Catalogue } from '../../../web/finance/message.ts';
import { actIn } from '../../../web/finance/views/case/acts.ts';
import { setAside } from '../../../web/finance/views/case/mail-html.ts';
import { timelineOf } from '../../../web/finance/views/case/moments.ts';
import { partsOf, REASON_NAMES } from '../../../web/finance/views/case/reasons.ts';
import { startRig, tidyUp } from '../../local/server-rig.ts';
import { caseWith, eur, invoiceWith, stepWith } from './a-case.ts';

const at = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T09:00:00.000Z`;
const line = (day: number, what: string, why = 'x') => ({ at: at(day), what, why, count: 1 });

describe('the stream of a case', () => {
  const mail: Case['mails'][number] = {
    subject: 'in_1',
    step: 'reminder-1',
    message: 'reminder',
    at: at(2),
    status: 'done',
    messageId: null,
    told: ['delivered', 'opened'],
    language: 'en',
    words: null,
  };
  const one = caseWith({
    closedAt: at(8),
    outcome: 'recovered',
    invoices: [invoiceWith({ outcome: 'recovered', recovered: eur(4900), settledAt: at(8) })],
    steps: [
      stepWith({ status: 'done', at: at(2) }),
      stepWith({ step: 'reminder-2', status: 'waiting', at: at(12) }),
      stepWith({ step: 'reminder-3', status: 'blocked', at: at(13) }),
      stepWith({ step: 'retry-1', kind: 'retry', status: 'skipped', at: at(4) }),
    ],
    mails: [mail],
    answers: [{ at: at(5), kind: 'promise', promisedDay: '2026-03-08', held: true, text: null }],
    adjustments: [{ id: 'a', subject: 'in_1', kind: 'refund', at: at(20), amount: eur(900) }],
    journal: [
      { ...line(1, 'case closed'), at: '2026-02-01T09:00:00.000Z' },
      line(1, 'case opened'),
      line(1, 'ladder opened for in_1'),
      line(1, 'campaign soft-decline picked for in_1'),
      line(2, 'reminder-1 done for in_1'),
      line(4, 'retry-1 skipped for in_1'),
      line(5, 'the customer answered'),
      line(6, `held until ${at(8)} by Ana`, 'promised by phone'),
      line(7, 'card_update done for card_expiry:pm_1'),
      line(8, 'case closed', 'recovered'),
    ],
  });

  test('has everything that happened once, the newest first, and nothing that is to come', () => {
    const told = timelineOf(one).map((moment) => {
      const what = 'line' in moment ? ` ${moment.line.what}` : 'step' in moment ? ` ${moment.step.step}` : '';
      return `${moment.at.slice(8, 10)} ${moment.kind}${what}`;
    });
    expect(told).toEqual([
      '20 moved',
      '08 settled',
      '08 noted case closed',
      '07 noted card_update done for card_expiry:pm_1',
      `06 act held until ${at(8)} by Ana`,
      '05 answer',
      '04 step retry-1',
      '02 step reminder-1',
      '01 noted campaign soft-decline picked for in_1',
      '01 failed',
    ]);
  });

  test('has with a mail what became of it', () => {
    const step = timelineOf(one).find(
      (moment) => moment.kind === 'step' && moment.step.step === 'reminder-1',
    );
    expect(step).toMatchObject({ mail: { told: ['delivered', 'opened'] } });
  });

  test('tells that a case was opened where no failure of that moment does', () => {
    const late = caseWith({
      invoices: [invoiceWith({ failedAt: '2026-01-01T09:00:00.000Z' })],
      journal: [line(1, 'case opened')],
    });
    expect(timelineOf(late).map(({ kind }) => kind)).toEqual(['noted', 'failed']);
  });
});

describe('what an operator did', () => {
  test.each([
    ['held until 2026-03-13T23:59:59.999Z by Ana', 'held', { until: '2026-03-13T23:59:59.999Z', who: 'Ana' }],
    ['excluded by a by b', 'excluded', { who: 'a by b' }],
    ['closed as lost by 名前', 'closed_by_hand', { as: 'lost', who: '名前' }],
    ['mail let through by Ana', 'let_through', { who: 'Ana' }],
  ])('%s', (what, name, values) => {
    expect(actIn(what)).toEqual({ name, values });
  });

  test.each(['case opened', 'end done for in_1', 'held', 'the customer answered'])('is not "%s"', (what) => {
    expect(actIn(what)).toBeNull();
  });
});

describe('a reason', () => {
  test.each([
    ['day -3 of campaign a b', [{ name: 'day', values: { day: '-3', campaign: 'a b' } }]],
    [
      'day 2 of campaign x; 7 tries left',
      [
        { name: 'day', values: { day: '2', campaign: 'x' } },
        { name: 'tries_left', values: { n: '7' } },
      ],
    ],
    [
      'asked for by Ana; the invoice is void',
      [{ name: 'asked_by', values: { who: 'Ana' } }, { text: 'the invoice is void' }],
    ],
    [
      'closed by hand as lost by Ana: gone; I asked',
      [{ name: 'by_hand_of', values: { as: 'lost', who: 'Ana', note: 'gone; I asked' } }],
    ],
    ['something new', [{ text: 'something new' }]],
    ['constructor', [{ text: 'constructor' }]],
  ])('%s', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  const catalogueOf = (language: string) =>
    JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../web/finance/words', language, 'case.json'), 'utf8'),
    ) as Catalogue;

  test('has words for each that is known, and no words are without one', () => {
    const said = Object.keys(catalogueOf('en')).filter((name) => name.startsWith('why_'));
    expect(said.toSorted()).toEqual(REASON_NAMES.map((name) => `why_${name}`).toSorted());
  });
});

test('every reason in the demonstration is known, so that none is left in the core’s own words', async () => {
  const rig = await startRig({ source: { kind: 'demo', seed: 9, subscriptions: 60 } });
  const get = async <T>(path: string) => JSON.parse((await rig.get(`/api${path}`)).text) as T;
  const { cases } = await get<{ cases: Case[] }>('/cases?from=2026-01&to=2026-03&limit=100');
  const told = await Promise.all(
    cases.map(async ({ connection, customer, case: id }) => {
      const one = await get<Case>(`/cases/${connection}/${customer}/${id}`);
      return [
        ...one.steps.flatMap(({ why, rule }) => [why, rule ?? why]),
        ...one.invoices.map(({ why }) => why),
        ...one.journal.flatMap(({ what, why }) => [what, why]),
        ...(one.next === null ? [] : [one.next.why]),
      ];
    }),
  );
  await tidyUp();
  const unknown = told.flat().filter((text) => partsOf(text).some((part) => 'text' in part));
  expect(told.flat().length).toBeGreaterThan(50);
  expect(unknown).toEqual([]);
});

describe('the HTML of a mail before it is read', () => {
  test.each([
    ['<p style="color:red">style="x"</p>', '<p data-style="color:red">style="x"</p>'],
    [
      '<td align="left"\nSTYLE = \'a:b\' title="style=1 >">',
      '<td align="left"\ndata-style = \'a:b\' title="style=1 >">',
    ],
    ['<img src="x" onerror="alert(1)">', '<img src="x" data-onerror="alert(1)">'],
    ['<style media="print">a > b {}</style>', '<script type="text/css" media="print">a > b {}</script>'],
    ['<STYLE>a{}</STYLE >', '<script type="text/css">a{}</script >'],
    ['<base href="https://example.com/"><p>', '<p>'],
    ['<styled style="a">', '<styled data-style="a">'],
    ['a < b style="c"', 'a < b style="c"'],
  ])('%s', (html, aside) => {
    expect(setAside(html)).toBe(aside);
  });
});
