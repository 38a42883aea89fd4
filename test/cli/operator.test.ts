// The commands about one customer, as an operator runs them: what each prints, what is refused, and that it changes nothing.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Customer } from '../../core/recovery/customer.ts';
import type { Explanation } from '../../core/recovery/explain.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { addDays, endOfLocalDay } from '../../core/time.ts';
import { folderOf } from '../../local/server/folder.ts';
import shipped from '../../policy.ts';
import { startRig, tidyUp } from '../local/server-rig.ts';
import { adjustmentOf, closedCaseOf, keyOf } from '../support/customers.ts';
import { day, tombstoneOf } from '../support/facts.ts';
import { failing, pass } from '../support/operating.ts';
import { freshBase, inFolder, makeFolder, recoupHere } from '../support/recoup.ts';
import { story } from '../support/story.ts';

const KEY = keyOf('cus_1');
const POLICY = definePolicy(shipped);
const BY = ['--who', 'Anna', '--note', 'promised by phone'];

/** A folder whose clock stands later than any machine's, and a customer of that time. */
const SHIFT_DAYS = 355_000;
const CLOCK = addDays(day(5), SHIFT_DAYS);
const moved = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value).replaceAll(/"(\d{4}-[^"]*Z)"/g, (_, at: string) =>
      JSON.stringify(addDays(at as typeof CLOCK, SHIFT_DAYS)),
    ),
  ) as T;

const open = (): Customer => {
  const { customer } = pass(failing('in_1', 'in_2'), POLICY, day(0), day(4.5));
  const old = { in_0: tombstoneOf({ caseId: 'case_in_0', paidMinor: 0, at: day(-9) }) };
  const facts = { ...customer.facts, tombstones: old };
  return moved({ ...customer, version: 1, facts, dueAt: day(6), expiresAt: null, outbox: null });
};

const CLOSED = moved(
  closedCaseOf(KEY, 'case_in_0', {
    openedAt: day(-30),
    closedAt: day(-10),
    invoices: [],
    journal: [{ at: day(-30), what: 'an old line', why: 'an old reason', count: 2 }],
  }),
);

/** A data folder with the customer, and the command in it. */
const folder = async () => {
  const base = freshBase();
  const path = await makeFolder(base, 'demo', CLOCK, async (store) => {
    await store.save(open());
    await store.closeCase(CLOSED);
    await store.putAdjustment(moved(adjustmentOf(KEY, 'paid:in_0', { caseId: 'case_in_0', at: day(-1) })));
  });
  return {
    recoup: (...args: string[]) => recoupHere(base, args),
    customer: (id = 'cus_1') => inFolder(path, (store) => store.load(keyOf(id), CLOCK)),
  };
};

describe('recoup case', () => {
  test('tells every step with its rule, the money, what comes next, the journal and what was closed', async () => {
    const { recoup } = await folder();
    const { status, stdout, stderr } = await recoup('case', 'cus_1');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^stripe\/cus_1 in the demonstration \(\.recoup\/demo\), version 1\n/);
    expect(stdout).toMatch(/\nCase case_in_1: open, opened \d{4}-/);
    expect(stdout).toMatch(/\nNext: \S+ \S+ reminder-2 of in_1 \(day 8 of campaign soft-decline\)\n/);
    expect(stdout).toMatch(/\nInvoice R-in_1 \(in_1\): €49\.00 failed = €49\.00 open; open: not paid yet\n/);
    expect(stdout).toContain('insufficient funds (soft funds) · card visa 4242 · campaign soft-decline');
    expect(stdout).toMatch(
      /\ndone +\S+ 09:00 +payment-failed +payment-failed +day 1 of campaign soft-decline\n/,
    );
    expect(stdout).toMatch(/\nwaiting +\S+ 09:00 +final-notice +final-notice +no further try will come\n/);
    expect(stdout).toMatch(/\nJournal\nwhen \(UTC\) +what +why\n\S+ 09:00 +case opened/);
    expect(stdout).toMatch(
      /\nCase case_in_0: .*\n +\S+ 09:00 €10\.00 of in_1 paid after the case was closed\n/,
    );
    expect(stdout).toMatch(/an old line +an old reason \(2 times\)/);
    expect(stdout).not.toContain('ana@example.com');
  });

  test('--json gives it to a program; an invoice’s id finds its customer on this machine', async () => {
    const { recoup } = await folder();
    const { stdout } = await recoup('case', 'in_2', '--json');
    const told = JSON.parse(stdout) as Explanation & { journal: unknown[]; closed: { id: string }[] };
    expect(told).toMatchObject({ key: KEY, version: 1, now: CLOCK, case: { id: 'case_in_1' } });
    expect(told.closed.map(({ id }) => id)).toEqual(['case_in_0']);
    expect(JSON.parse((await recoup('case', 'in_0', '--json')).stdout)).toMatchObject({ key: KEY });
  });

  test.each([
    ['somebody unknown', ['case', 'cus_9'], /nothing is known of cus_9 on stripe .*Is the id right/],
    ['an invoice unknown', ['case', 'in_9'], /no case of the last 400 days .* in_9: give the customer’s id/],
    ['another connection', ['case', 'shop/cus_1'], /there is no connection "shop": there is stripe/],
    ['no id at all', ['case', 'cus 1'], /"cus 1" is no customer’s id: write cus_… or CONNECTION\/cus_…/],
  ])('%s is told with what to give', async (_, args, words) => {
    const { recoup } = await folder();
    const { status, stdout, stderr } = await recoup(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(words);
  });
});

describe('a change', () => {
  test('links are revoked by hand; mail is let through only where it was stopped', async () => {
    const { recoup, customer } = await folder();
    const revoked = await recoup('revoke-links', 'cus_1', ...BY);
    expect([revoked.status, revoked.stderr]).toEqual([0, '']);
    expect(revoked.stdout).toContain('links revoked. It is at version 2 now.');
    expect((await customer()).recovery.linksRevokedAt).not.toBeNull();
    const refused = await recoup('write-again', 'cus_1', ...BY);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('mail to stripe/cus_1 is not stopped');
  });

  test('a hold until a day lasts to its end, says what happens then, and is taken back by resume', async () => {
    const { recoup, customer } = await folder();
    const until = addDays(CLOCK, 10).slice(0, 10);
    const { status, stdout, stderr } = await recoup('hold', 'cus_1', '--until', until, ...BY);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`stripe/cus_1: on hold until ${until}T23:59:59.999Z. It is at version 2 now.`);
    expect(stdout).toContain('in_1, in_2 is charged once, if the limits allow');
    expect(stdout).toContain('its own tries go on');
    expect((await customer()).recovery).toMatchObject({
      hold: { kind: 'hold', until: endOfLocalDay(until, 'UTC'), by: 'Anna', note: 'promised by phone' },
      retries: [{ subjectId: 'in_1' }, { subjectId: 'in_2' }],
    });
    expect((await recoup('case', 'cus_1')).stdout).toMatch(
      /\nHeld: on hold until .* UTC by Anna since .*: promised by phone\n/,
    );
    expect((await recoup('resume', 'stripe/cus_1', ...BY)).stdout).toContain('go on from where they stood');
    expect((await customer()).recovery.retries).toEqual([]);
  });

  test.each<readonly [string, readonly string[], RegExp, (customer: Customer) => unknown, unknown]>([
    [
      'exclude',
      ['exclude', 'cus_1'],
      /excluded\. It is at/,
      ({ recovery }) => recovery.hold?.kind,
      'excluded',
    ],
    [
      'retry-now',
      ['retry-now', 'cus_1', '--invoice', 'in_2'],
      /in_2 is charged now/,
      ({ recovery }) => recovery.retries.length,
      1,
    ],
    [
      'close',
      ['close', 'cus_1', '--as', 'withdrawn'],
      /closed as withdrawn/,
      ({ recovery }) => recovery.case?.ladders.map(({ closedAs }) => closedAs),
      ['withdrawn', 'withdrawn'],
    ],
    ['erase', ['erase', 'cus_1'], /: erased\. It is/, ({ facts }) => facts.erasedAt, CLOCK],
  ])('%s', async (_, args, words, seen, expected) => {
    const { recoup, customer } = await folder();
    const { status, stdout } = await recoup(...args, ...BY);
    expect([status, stdout]).toEqual([0, expect.stringMatching(words)]);
    const stored = await customer();
    expect(seen(stored)).toEqual(expected);
    expect(stored).toMatchObject({ version: 2, dueAt: CLOCK });
    expect(stored.recovery.journal.some(({ what }) => what.endsWith('by Anna'))).toBe(true);
  });

  test('of somebody unknown: excluded only with --ahead; erased in any case', async () => {
    const { recoup, customer } = await folder();
    expect(await recoup('exclude', 'cus_9', ...BY)).toMatchObject({ status: 1, stdout: '' });
    expect(await recoup('exclude', 'cus_9', '--ahead', ...BY)).toMatchObject({ status: 0, stderr: '' });
    expect((await customer('cus_9')).recovery.hold?.kind).toBe('excluded');
    const { stdout } = await recoup('erase', 'cus_8', ...BY, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ key: 'stripe/cus_8', kind: 'done', version: 1, told: [] });
  });
});

describe('is told with exit code 1, and nothing is changed:', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    [
      'a day in the past',
      ['hold', 'cus_1', '--until', '2026-12-04', ...BY],
      /2026-12-04T23:59:59\.999Z is in the past.*\. Nothing was changed\./,
    ],
    [
      'no date',
      ['hold', 'cus_1', '--until', '2026-02-30', ...BY],
      /--until "2026-02-30" is no date: write 2026-12-04/,
    ],
    ['nobody', ['resume', 'cus_1', '--note', 'x'], /--who NAME is needed/],
    ['no reason', ['resume', 'cus_1', '--who', 'Anna', '--note', ' '], /--note TEXT is needed/],
    ['somebody unknown', ['retry-now', 'cus_9', ...BY], /nothing is known of cus_9/],
    [
      'another invoice',
      ['close', 'cus_1', '--as', 'lost', '--invoice', 'in_0', ...BY],
      /in_0 is no open invoice of stripe\/cus_1/,
    ],
    ['another outcome', ['close', 'cus_1', '--as', 'won', ...BY], /Allowed choices are lost, withdrawn/],
    [
      'another version',
      ['erase', 'cus_1', '--if-version', '7', ...BY],
      /it is at version 1, not 7; look at it again\. Nothing/,
    ],
    [
      'no version',
      ['erase', 'cus_1', '--if-version', 'x', ...BY],
      /Write the version that "recoup case" showed/,
    ],
  ])('%s', async (_, args, words) => {
    const { recoup, customer } = await folder();
    const { status, stdout, stderr } = await recoup(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(words);
    expect(await customer()).toEqual(open());
  });
});

describe('while npm start holds the folder', () => {
  afterEach(tidyUp);

  test('the running clock does what was asked for', async () => {
    const base = freshBase();
    const rig = await startRig({
      folder: join(base, folderOf('demo')),
      source: { kind: 'demo', seed: 1, subscriptions: 0 },
    });
    await rig.moveClock({ advance: '2d' });
    for (const event of story({ n: 1, start: Math.floor(Date.parse(rig.system.now()) / 1000) }).failed(0)) {
      await rig.deliver(event);
    }
    await rig.system.tick();
    const closing = await recoupHere(base, ['close', 'cus_1', '--as', 'lost', ...BY]);
    expect(closing).toMatchObject({ status: 0, stderr: '' });
    rig.pass(60_000);
    await rig.system.tick();
    const { stdout } = await recoupHere(base, ['case', 'cus_1']);
    expect(stdout).toMatch(/No case is open\..*\nCase case_in_1: lost, /s);
    expect(stdout).toContain('closed by hand as lost by Anna: promised by phone');
  });
});
