// What of the system's health needs a person: the rules, and that each has words in every language.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Health } from '../../../web/finance/api.ts';
import { LANGUAGES } from '../../../web/finance/language.ts';
import { checksOf, commandFor, trulyUncertain } from '../../../web/finance/views/health/checks.ts';

const AT = '2026-03-02T10:00:00.000Z';
const ago = (hours: number): string => new Date(Date.parse(AT) - hours * 3_600_000).toISOString();

const USED = { limit: 8, of: 0, usedUp: 0, most: 0 };

type Ailing = { readonly lag?: number; readonly heard?: number | null; readonly walked?: number | null };

const health = ({ lag = 0, heard = 1, walked = 1 }: Ailing = {}, more: Partial<Health> = {}): Health => {
  const at = (hours: number | null): string | null => (hours === null ? null : ago(hours));
  return {
    at: AT,
    lagSeconds: lag,
    connections: [
      {
        connection: 'stripe',
        heard: { at: at(heard), why: '' },
        log: { undelivered: at(walked), all: at(walked) },
        lookAhead: { startedAt: at(walked), doneAt: at(walked), isUnderWay: false },
      },
    ],
    stuck: [],
    isAllStuck: true,
    looked: { cases: 0, open: 0, since: null },
    uncertain: [],
    budgets: {
      requestsPerSecond: null,
      invoices: USED,
      cards: { ...USED, days: 30 },
      ofUnknownCode: 3,
      ofBankDebit: 2,
    },
    ...more,
  };
};

const STUCK: Health['stuck'][number] = {
  kind: 'customer',
  connection: 'stripe',
  customer: 'cus_1',
  event: null,
  since: AT,
  why: 'x',
  tries: 10,
};
const STEP: Health['uncertain'][number] = {
  connection: 'stripe',
  customer: 'cus_1',
  case: 'case_1',
  subject: 'in_1',
  step: 'reminder-1',
  kind: 'email',
  status: 'armed',
  at: ago(0),
  why: 'x',
};

const statesOf = (of: Health, isLocal = false): Record<string, string> =>
  Object.fromEntries(checksOf(of, isLocal).map(({ name, state }) => [name, state]));

describe('a check', () => {
  test('of a system that is well is good', () => {
    expect(new Set(Object.values(statesOf(health())))).toEqual(new Set(['good']));
  });

  test.each([
    ['lag', health({ lag: 299 }), 'good'],
    ['lag', health({ lag: 301 }), 'attention'],
    ['stuck', health({}, { stuck: [STUCK] }), 'attention'],
    ['uncertain', health({}, { uncertain: [STEP] }), 'good'],
    ['uncertain', health({}, { uncertain: [{ ...STEP, at: ago(1) }] }), 'attention'],
    ['uncertain', health({}, { uncertain: [{ ...STEP, status: 'uncertain' }] }), 'attention'],
    ['heard', health({ heard: 71 }), 'good'],
    ['heard', health({ heard: 73 }), 'unknown'],
    ['heard', health({ heard: null }), 'unknown'],
    ['missed', health({ walked: 5 }), 'good'],
    ['missed', health({ walked: 7 }), 'attention'],
    ['log', health({ walked: 35 }), 'good'],
    ['log', health({ walked: 37 }), 'attention'],
    ['ahead', health({ walked: 47 }), 'good'],
    ['ahead', health({ walked: 49 }), 'attention'],
    ['missed', health({ walked: null }), 'attention'],
  ])('of %s is what the rule says', (name, of, state) => {
    expect(statesOf(of)[name]).toBe(state);
  });

  test('on a server of this machine, where nothing is walked, asks for nobody', () => {
    expect(statesOf(health({ walked: null }), true)).toMatchObject({
      missed: 'unknown',
      log: 'unknown',
      ahead: 'unknown',
    });
  });

  test('a step that was armed a moment ago is not uncertain', () => {
    const old = { ...STEP, at: ago(1) };
    expect(trulyUncertain(health({}, { uncertain: [STEP, old] }))).toEqual([old]);
  });
});

test('every sentence that a rule can say has words in every language', () => {
  const all = [
    health(),
    health({ lag: 10, heard: 80, walked: 99 }, { stuck: [STUCK], uncertain: [{ ...STEP, at: ago(1) }] }),
    health({ lag: 999, heard: null, walked: null }),
  ].flatMap((of) => [...checksOf(of, false), ...checksOf(of, true)]);
  const said = [...new Set(all.flatMap(({ name, says }) => [`name_${name}`, says]))];
  expect(said.length).toBeGreaterThan(20);
  for (const language of Object.keys(LANGUAGES)) {
    const file = join(import.meta.dirname, '../../../web/finance/words', language, 'health.json');
    const names = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
    const missing = said.filter((name) => !names.includes(name) && !names.includes(`${name}_other`));
    expect([language, missing]).toEqual([language, []]);
  }
});

describe('the command that puts something back', () => {
  test('names a customer by its key, and what names no customer by its event', () => {
    expect(commandFor(STUCK)).toBe('npx recoup stuck --again stripe/cus_1 --who "…" --note "…"');
    expect(commandFor({ ...STUCK, connection: null, customer: null, event: 'stripe/dp:1' })).toContain(
      '--again stripe/dp:1 ',
    );
  });

  test.each(['cus_1;rm', '$(reboot)', 'a b', '"x', "'x", '`x`', 'a|b', '<x>', 'a\nb'])(
    'is not told of an id that a shell would read: %s',
    (customer) => {
      expect(commandFor({ ...STUCK, customer })).toBeNull();
    },
  );
});
