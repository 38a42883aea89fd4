// The policy an operator edits: what is accepted, and that what is not is refused with all its faults at once.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DECLINE_CLASSES } from '../../../core/recovery/decline.ts';
import { definePolicy, MIN_NOTICE_DAYS, PolicyError } from '../../../core/recovery/policy.ts';
import type { PolicyFault, PolicyInput } from '../../../core/recovery/policy.ts';
import shipped from '../../support/plain-policy.ts';

const faultsOf = (input: unknown): readonly PolicyFault[] => {
  try {
    definePolicy(input);
  } catch (error) {
    if (error instanceof PolicyError) return error.faults;
    throw error;
  }
  return [];
};

type Path = readonly (string | number)[];

/** A copy of `value` in which one field is another; undefined takes it out. */
const withAt = (value: unknown, [head, ...rest]: Path, put: unknown): unknown => {
  if (head === undefined) return put;
  if (Array.isArray(value)) return value.map((one, i) => (i === head ? withAt(one, rest, put) : one));
  const kept = Object.entries(value as object).filter(([key]) => key !== head);
  const changed = rest.length === 0 ? put : withAt((value as Record<string, unknown>)[head], rest, put);
  return Object.fromEntries(changed === undefined ? kept : [...kept, [head, changed]]);
};

const changed = (path: string, put: unknown): unknown =>
  withAt(
    shipped,
    path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    put,
  );

/** The shipped soft campaign, which takes anything, as the only one. */
const SOFT = shipped.campaigns[2] as PolicyInput['campaigns'][number];
const only = (campaign: unknown, more: object = {}): unknown => ({
  ...shipped,
  campaigns: [campaign],
  ...more,
});
const RETRY = { id: 'retry-1', kind: 'retry', delayDays: 2 } as const;

describe('what is accepted', () => {
  test('the policy that comes with the project, as it stands', () => {
    expect(definePolicy(shipped)).toMatchObject(shipped);
  });

  test('the campaigns of the shipped policy are those it promises', () => {
    const days = (id: string) => {
      const campaign = shipped.campaigns.find((one) => one.id === id);
      return [
        campaign?.steps.map((step) => [step.kind === 'email' && step.message, step.delayDays]),
        campaign?.end,
      ];
    };
    const end = { action: 'leave', daysAfterNotice: 14, latestDay: 45 };
    const reminders = [
      ['reminder', 3],
      ['reminder', 7],
    ];
    expect(days('needs-customer')).toEqual([[['update-card', 0], ...reminders], end]);
    expect(days('authentication')).toEqual([[['confirm-payment', 0], ...reminders], end]);
    expect(days('soft-decline')).toEqual([
      [
        ['payment-failed', 1],
        ['reminder', 4],
        ['reminder', 8],
      ],
      end,
    ]);
  });

  test.each([
    [
      'a retry step where we own the retries',
      only({ ...SOFT, steps: [RETRY] }, { retries: { owner: 'recoup' } }),
    ],
    [
      'an end on the subscription with its days of notice',
      only({ ...SOFT, end: { ...SOFT.end, action: 'cancel' } }),
    ],
    ['days in fractions', changed('campaigns.2.steps.0.delayDays', 0.5)],
    ['another time zone', changed('timeZone', 'Pacific/Kiritimati')],
    ['two steps on one day', changed('campaigns.2.steps.1.delayDays', 1)],
    ['every class named in place of "any"', only({ ...SOFT, declines: [...DECLINE_CLASSES] })],
    ['names in any language', changed('sender.name', 'Müller & Söhne 株式会社')],
  ])('%s', (_, input) => {
    expect(faultsOf(input)).toEqual([]);
  });
});

describe('what is refused, with its field, its value and what to change', () => {
  test.each<readonly [string, unknown, readonly PolicyFault[]]>([
    [
      'nothing at all',
      undefined,
      [{ field: '(the policy)', value: 'missing', change: 'this field is missing: add it' }],
    ],
    [
      'something else than a policy',
      5,
      [
        {
          field: '(the policy)',
          value: '5',
          change:
            'write an object with the fields sender, senders, wayBackUrl, operator, language, timeZone, retries, sendWindow, mailsPerCase, ' +
            'silentHours, holdout, catchUp, firstPayments, whenCustomerLeaves, campaigns, notices',
        },
      ],
    ],
    [
      'a missing field',
      changed('timeZone', undefined),
      [{ field: 'timeZone', value: 'missing', change: 'this field is missing: add it' }],
    ],
    [
      'a missing field deep inside',
      changed('campaigns.1.end.latestDay', undefined),
      [{ field: 'campaigns.1.end.latestDay', value: 'missing', change: 'this field is missing: add it' }],
    ],
    [
      'a time zone nobody knows',
      changed('timeZone', 'Mars/Olympus'),
      [
        {
          field: 'timeZone',
          value: '"Mars/Olympus"',
          change: 'write an IANA time zone such as Europe/Berlin',
        },
      ],
    ],
    [
      'an empty sender name',
      changed('sender.name', '   '),
      [{ field: 'sender.name', value: '""', change: 'the sender name cannot be empty' }],
    ],
    [
      'a line break in the sender name',
      changed('sender.name', 'A\nBcc: all@example.com'),
      [
        {
          field: 'sender.name',
          value: String.raw`"A\nBcc: all@example.com"`,
          change: 'the sender name cannot hold line breaks or control characters',
        },
      ],
    ],
    [
      'an address that is none',
      changed('sender.replyTo', 'support'),
      [{ field: 'sender.replyTo', value: '"support"', change: 'the reply address is not an e-mail address' }],
    ],
    [
      'a word for the owner of the retries that is none',
      changed('retries.owner', 'stripe'),
      [{ field: 'retries.owner', value: '"stripe"', change: 'write "provider" or "recoup"' }],
    ],
    [
      'no campaign',
      changed('campaigns', []),
      [{ field: 'campaigns', value: '[]', change: 'a policy needs at least one campaign' }],
    ],
    [
      'campaigns that are no list',
      changed('campaigns', {}),
      [{ field: 'campaigns', value: '{}', change: 'write a list of campaigns' }],
    ],
    [
      'a campaign without steps',
      changed('campaigns.2.steps', []),
      [{ field: 'campaigns.2.steps', value: '[]', change: 'a campaign needs at least one step' }],
    ],
    [
      'a step of a kind that is none',
      changed('campaigns.2.steps.0.kind', 'sms'),
      [
        {
          field: 'campaigns.2.steps.0.kind',
          value: '"sms"',
          change: 'use kind "email" (with message and delayDays), "retry" or "notify" (with to)',
        },
      ],
    ],
    [
      'a message that is none',
      changed('campaigns.2.steps.0.message', 'hello'),
      [
        {
          field: 'campaigns.2.steps.0.message',
          value: '"hello"',
          change:
            'use one of payment-failed, update-card, confirm-payment, reminder, final-notice, recovered, ' +
            'bank-debit-failed, invoice-overdue, card-expiring, card-expired, renewal-notice, trial-ending, cancelled, win-back, ' +
            'invoice-due, or another text of one, such as "reminder.short"',
        },
      ],
    ],
    [
      'a message that is sent by its own rule',
      changed('campaigns.2.steps.0.message', 'final-notice'),
      [
        {
          field: 'campaigns.2.steps.0.message',
          value: '"final-notice"',
          change: 'this message is sent by its own rule: use another message here',
        },
      ],
    ],
    [
      'a step id that cannot be an id',
      changed('campaigns.2.steps.0.id', 'First Mail'),
      [
        {
          field: 'campaigns.2.steps.0.id',
          value: '"First Mail"',
          change: 'use lower-case letters, digits and hyphens, at most 40',
        },
      ],
    ],
    [
      'a step id used twice',
      changed('campaigns.2.steps.1.id', 'payment-failed'),
      [
        {
          field: 'campaigns.2.steps',
          value: '"payment-failed"',
          change: 'this id is used twice in the campaign: every step needs its own',
        },
      ],
    ],
    [
      'a step id that is the final notice’s',
      changed('campaigns.2.steps.1.id', 'final-notice'),
      [
        {
          field: 'campaigns.2.steps',
          value: '"final-notice"',
          change: 'this id is used twice in the campaign: every step needs its own',
        },
        {
          field: 'campaigns.2.steps.1.id',
          value: '"final-notice"',
          change: 'another campaign uses this id for a step of kind final notice: choose another',
        },
      ],
    ],
    [
      'a step id that Recoup uses itself',
      changed('campaigns.2.steps.1.id', 'end'),
      [
        {
          field: 'campaigns.2.steps',
          value: '"end"',
          change: 'this id is used by Recoup itself: choose another',
        },
      ],
    ],
    [
      'a negative delay',
      changed('campaigns.0.steps.0.delayDays', -1),
      [{ field: 'campaigns.0.steps.0.delayDays', value: '-1', change: 'the delay cannot be negative' }],
    ],
    [
      'a delay that is no number',
      changed('campaigns.2.end.latestDay', Number.NaN),
      [
        {
          field: 'campaigns.2.end.latestDay',
          value: 'NaN',
          change: 'write the latest day of the end as a number of days',
        },
      ],
    ],
    [
      'a delay beyond the longest',
      changed('campaigns.2.end.daysAfterNotice', 121),
      [
        {
          field: 'campaigns.2.end.daysAfterNotice',
          value: '121',
          change: 'the time between final notice and end can be at most 120 days',
        },
      ],
    ],
    [
      'steps out of order',
      changed('campaigns.2.steps.1.delayDays', 0.5),
      [
        {
          field: 'campaigns.2.steps.1.delayDays',
          value: '0.5',
          change: 'put the steps in order: the one before is on day 1',
        },
      ],
    ],
    [
      'a final notice that is not the last mail',
      changed('campaigns.2.finalNotice.delayDays', 8),
      [
        {
          field: 'campaigns.2.finalNotice.delayDays',
          value: '8',
          change: 'put it after the last step (day 8)',
        },
      ],
    ],
    [
      'an end before its notice',
      changed('campaigns.2.end.latestDay', 12),
      [
        {
          field: 'campaigns.2.end.latestDay',
          value: '12',
          change: 'put it after the final notice (day 12)',
        },
      ],
    ],
    [
      'an end of the subscription without days of notice',
      changed('campaigns.2.end', { action: 'cancel', daysAfterNotice: 2, latestDay: 45 }),
      [
        {
          field: 'campaigns.2.end.daysAfterNotice',
          value: '2',
          change: `give the customer at least ${MIN_NOTICE_DAYS} days`,
        },
      ],
    ],
    [
      'C27: a retry step while the provider retries too',
      only({ ...SOFT, steps: [RETRY] }),
      [
        {
          field: 'campaigns.0.steps.0.kind',
          value: '"retry"',
          change: 'the provider owns the retries: remove the step or set retries.owner to "recoup"',
        },
      ],
    ],
    [
      'two campaigns of one id',
      changed('campaigns.1.id', 'needs-customer'),
      [{ field: 'campaigns', value: '"needs-customer"', change: 'two campaigns have this id: rename one' }],
    ],
    [
      'a campaign for nothing',
      changed('campaigns.0.declines', []),
      [{ field: 'campaigns.0.declines', value: '[]', change: 'name at least one class, or write "any"' }],
    ],
    [
      'a class that is none',
      changed('campaigns.0.declines', ['hard', 'constructor']),
      [
        {
          field: 'campaigns.0.declines',
          value: '["hard","constructor"]',
          change: `write "any" or a list of ${DECLINE_CLASSES.join(', ')}`,
        },
      ],
    ],
    [
      'failures that no campaign takes',
      changed('campaigns.2.declines', ['soft_funds', 'soft_later', 'technical']),
      [
        {
          field: 'campaigns',
          value: '["unknown"]',
          change:
            'no campaign without conditions takes these failures: add a last one with declines "any", no "when" and no "kind"',
        },
      ],
    ],
    [
      'a campaign that is never reached',
      changed('campaigns.0.declines', 'any'),
      [
        {
          field: 'campaigns.0.declines',
          value: '"any"',
          change: 'campaigns after it are never reached: move it to the end',
        },
      ],
    ],
    [
      'unknown fields, each of them',
      { ...shipped, timezone: 'UTC', sender: { ...shipped.sender, to: 'x', cc: 'y', fax: 'z' } },
      [
        { field: 'sender.to', value: '"x"', change: 'unknown field: remove it or correct its name' },
        { field: 'timezone', value: '"UTC"', change: 'unknown field: remove it or correct its name' },
        { field: 'sender.cc', value: '"y"', change: 'unknown field: remove it or correct its name' },
        { field: 'sender.fax', value: '"z"', change: 'unknown field: remove it or correct its name' },
      ],
    ],
  ])('%s', (_, input, faults) => {
    expect(faultsOf(input)).toEqual(faults);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a field named %s, wherever it stands in a file of JSON',
    (name) => {
      const text = JSON.stringify(shipped);
      for (const [place, field] of [
        ['{"sender":', name],
        ['{"owner":', `retries.${name}`],
        ['{"id":"soft-decline",', `campaigns.2.${name}`],
      ] as const) {
        const input: unknown = JSON.parse(text.replace(place, `{"${name}":{"any":1},${place.slice(1)}`));
        const change = 'unknown field: remove it or correct its name';
        expect(faultsOf(input)).toEqual([{ field, value: '{"any":1}', change }]);
      }
      expect(Object.prototype).not.toHaveProperty('any');
    },
  );
});

describe('every fault is told at once', () => {
  test('faults of shape, of fit within a campaign, and of the campaigns together', () => {
    const input = {
      ...shipped,
      sender: { ...shipped.sender, email: 'nobody', fax: '0' },
      campaigns: [
        { ...SOFT, finalNotice: { ...SOFT.finalNotice, delayDays: 3 } },
        { ...SOFT, id: 'later', steps: [RETRY] },
      ],
    };
    expect(
      faultsOf(input)
        .map((fault) => fault.field)
        .toSorted(),
    ).toEqual([
      'campaigns.0.declines',
      'campaigns.0.finalNotice.delayDays',
      'campaigns.1.steps.0.kind',
      'sender.email',
      'sender.fax',
    ]);
  });

  test('a fault of fit is told beside a campaign that has not even the right shape', () => {
    const broken = { ...SOFT, id: 5 };
    const misfit = { ...SOFT, id: 'misfit', end: { ...SOFT.end, latestDay: 2 } };
    const fields = faultsOf({ ...shipped, campaigns: [broken, misfit] }).map((fault) => fault.field);
    expect(fields).toContain('campaigns.0.id');
    expect(fields).toContain('campaigns.1.end.latestDay');
  });

  test('the message lists each fault on a line of its own', () => {
    const input = { ...shipped, timeZone: 'Mars', firstPayments: 'sometimes' };
    expect(() => definePolicy(input)).toThrow(
      [
        'the policy has 2 faults:',
        '  timeZone = "Mars": write an IANA time zone such as Europe/Berlin',
        '  firstPayments = "sometimes": write "ignore" or "recover"',
      ].join('\n'),
    );
    expect(() => definePolicy({ ...shipped, timeZone: 'Mars' })).toThrow(/^the policy has 1 fault:\n/);
  });
});

describe('laws', () => {
  const PLACES: Path[] = [];
  const gather = (value: unknown, path: Path): void => {
    PLACES.push(path);
    if (typeof value !== 'object' || value === null) return;
    const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    for (const key of keys) gather((value as Record<string | number, unknown>)[key], [...path, key]);
  };
  gather(shipped, []);

  const circular: unknown[] = [];
  circular.push(circular);
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, maxDepth: 2 }),
    fc.constantFrom<unknown>(
      'any',
      '',
      '__proto__',
      0,
      -0,
      1e9,
      Number.NaN,
      circular,
      1n,
      Symbol('x'),
      () => 1,
    ),
    fc.constantFrom<unknown>('cancel', 'recoup', 'final-notice', 'end', 'retry', 45, 12, 0.1),
  );
  const mutated = fc
    .array(fc.tuple(fc.constantFrom(...PLACES), anything), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce<unknown>((input, [path, put]) => {
        try {
          return withAt(input, path, put);
        } catch {
          return input;
        }
      }, shipped),
    );

  test('whatever is put anywhere, a policy is accepted or refused with faults that say what to change', () => {
    fc.assert(
      fc.property(mutated, (input) => {
        for (const { field, value, change } of faultsOf(input)) {
          expect(field).not.toBe('');
          expect(value).not.toBe('');
          expect(change).not.toMatch(/^$|^Invalid|undefined|\[object/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what is accepted is accepted again as it was understood', () => {
    fc.assert(
      fc.property(mutated, (input) => {
        if (faultsOf(input).length > 0) return;
        const policy = definePolicy(input);
        expect(definePolicy(policy)).toEqual(policy);
      }),
      { numRuns: 500 },
    );
  });

  test('a refusal carries at least one fault', () => {
    fc.assert(
      fc.property(mutated, (input) => {
        let faults = 1;
        try {
          definePolicy(input);
        } catch (error) {
          faults = (error as PolicyError).faults.length;
        }
        expect(faults).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an end that could never be what it says', () => {
  test('an end on the subscription whose notice runs past the last day is refused', () => {
    const end = { action: 'cancel', daysAfterNotice: 14, latestDay: 20 };
    expect(faultsOf(only({ ...SOFT, end })).map(({ field }) => field)).toEqual(['campaigns.0.end.latestDay']);
    expect(faultsOf(only({ ...SOFT, end: { ...end, action: 'leave' } }))).toEqual([]);
  });

  test('final notices of different ids are refused: a change of campaign would send two', () => {
    const faults = faultsOf(changed('campaigns.1.finalNotice.id', 'last-call'));
    expect(faults.map(({ field }) => field)).toEqual(['campaigns.1.finalNotice.id']);
  });
});
