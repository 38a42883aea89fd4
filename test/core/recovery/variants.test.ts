// Several texts of one step: how often each goes, that a case keeps its own, and that what is told of it is true.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MailText } from '../../../core/ports.ts';
import { explain } from '../../../core/recovery/explain.ts';
import { planDiff } from '../../../core/recovery/plan-diff.ts';
import { definePolicy, PolicyError, type Policy } from '../../../core/recovery/policy.ts';
import { armOf } from '../../../core/recovery/restraint.ts';
import { textFor, textsIn, withTexts } from '../../../core/recovery/variants.ts';
import { keyOf } from '../../support/customers.ts';
import { attemptFact, customerFact, customerFrom, day, failedFact, told } from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { walk } from '../../support/walk.ts';

const stepOf = (weights: readonly number[], id = 'reminder-1') => ({
  id,
  message: 'reminder' as const,
  variants: weights.map((weight, i) => ({ message: `reminder.v${i + 1}` as MailText, weight })),
});

/** How often each text goes to some cases, the step's own first. */
const countsOf = (step: ReturnType<typeof stepOf>, caseIds: readonly string[]): number[] => {
  const texts = ['reminder', ...step.variants.map(({ message }) => message)];
  const drawn = caseIds.map((id) => textFor(step, id));
  return texts.map((text) => drawn.filter((one) => one === text).length);
};

/** So much is passed by chance once in a million, for the degrees of freedom 1 to 5. */
const CHI_SQUARE = [0, 23.93, 27.63, 30.66, 33.38, 35.89];
const chiSquare = (counts: readonly number[], weights: readonly number[]): number => {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const all = weights.reduce((sum, n) => sum + n, 0);
  return counts.reduce((sum, n, i) => {
    const expected = (total * (weights[i] ?? 0)) / all;
    return sum + (n - expected) ** 2 / expected;
  }, 0);
};

/** As Stripe makes ids: letters and digits by chance; and as a test or an export numbers them. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const chance = (seed: number): string => {
  let state = seed * 2_654_435_761;
  return Array.from({ length: 24 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ALPHABET[state % 62] ?? '';
  }).join('');
};
const RANDOM_IDS = Array.from({ length: 4000 }, (_, i) => `case_in_1${chance(i + 1)}`);
const COUNTED_IDS = Array.from({ length: 4000 }, (_, i) => `case_in_${i}`);

describe('how often each text goes', () => {
  test.each<readonly [string, readonly number[]]>([
    ['two alike', [1]],
    ['one three times as often', [3]],
    ['one seldom', [0.1]],
    ['one in a hundred is the step’s own', [99]],
    ['three', [1, 2]],
    ['six of several weights', [1, 2, 0.5, 4, 1.5]],
  ])('%s: by its weight, the step’s own weighing 1', (_, weights) => {
    for (const ids of [RANDOM_IDS, COUNTED_IDS]) {
      const counts = countsOf(stepOf(weights), ids);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(ids.length);
      expect(chiSquare(counts, [1, ...weights])).toBeLessThan(CHI_SQUARE[weights.length] ?? 0);
    }
  });

  test.each([
    ['reminder-1', 'reminder-2'],
    ['reminder-1', 'reminder-10'],
    ['a', 'b'],
  ])('what a case gets in step %s says nothing of what it gets in %s', (first, second) => {
    for (const ids of [RANDOM_IDS, COUNTED_IDS]) {
      const pairs = ids.map((id) => `${textFor(stepOf([1], first), id)} ${textFor(stepOf([1], second), id)}`);
      const counts = [...new Set(pairs)].map((pair) => pairs.filter((one) => one === pair).length);
      expect(counts).toHaveLength(4);
      expect(chiSquare(counts, [1, 1, 1, 1])).toBeLessThan(CHI_SQUARE[3] ?? 0);
    }
  });
});

describe('laws', () => {
  const aStep = fc
    .array(fc.double({ min: 0.001, max: 100, noNaN: true }), { maxLength: 5 })
    .map((weights) => stepOf(weights));

  test('a case gets one of the texts, at every look the same, whatever other cases there are', () => {
    fc.assert(
      fc.property(aStep, fc.string(), (step, caseId) => {
        const texts: MailText[] = ['reminder', ...step.variants.map(({ message }) => message)];
        const drawn = textFor(step, caseId);
        expect(texts).toContain(drawn);
        expect(textFor({ ...step }, caseId)).toBe(drawn);
      }),
    );
  });

  test('a step without variants is the step itself, and so is one that sends nothing', () => {
    const steps = [
      { id: 'a', kind: 'email', message: 'reminder', delayDays: 1 },
      { id: 'b', kind: 'retry', delayDays: 2 },
    ];
    fc.assert(
      fc.property(fc.string(), (caseId) => {
        expect(withTexts(steps, caseId)).toEqual(steps);
      }),
    );
  });

  test('a greater weight takes cases from the others and gives none away', () => {
    const light = stepOf([1]);
    const heavy = stepOf([3]);
    const ofLight = COUNTED_IDS.filter((id) => textFor(light, id) === 'reminder.v1');
    expect(new Set(ofLight.map((id) => textFor(heavy, id)))).toEqual(new Set(['reminder.v1']));
  });
});

const variants = [{ message: 'reminder.short', weight: 1 }];
const campaignWith = (step: object): Policy =>
  policyOf(
    {},
    {
      steps: [
        { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'second', kind: 'email', message: 'reminder', delayDays: 4, ...step },
        { id: 'third', kind: 'email', message: 'reminder', delayDays: 8 },
      ],
    },
  );
const POLICY = campaignWith({ variants });
/** The ids of an invoice each whose case gets the one text and the other. */
const textOfCase = (id: string) =>
  textFor({ id: 'second', message: 'reminder', variants: variants as never }, `case_${id}`);
const IDS = Array.from({ length: 40 }, (_, i) => `in_${i}`);
const OWN = IDS.find((id) => textOfCase(id) === 'reminder') ?? '';
const OTHER = IDS.find((id) => textOfCase(id) === 'reminder.short') ?? '';
const failed = (id: string) =>
  customerFrom(customerFact(), failedFact(id), attemptFact(`ch_${id}`, { invoiceId: id }));
const go = (id: string, policy = POLICY, until = day(60)) =>
  walk(failed(id), { policy, from: day(0), until });

describe('a case', () => {
  test.each([
    [OWN, 'reminder'],
    [OTHER, 'reminder.short'],
  ])('%s is sent %s, and its books say so', (id, message) => {
    const { done, closed } = go(id);
    expect(done.map(({ mail }) => mail?.message)).toEqual([
      'payment-failed',
      message,
      'reminder',
      'final-notice',
    ]);
    expect(closed[0]?.steps.find((step) => step.id === 'second')).toMatchObject({ status: 'done', message });
  });

  test('keeps its text when a failure of another invoice joins it', () => {
    const joined = told(failed(OTHER), failedFact('in_zz'), attemptFact('ch_zz', { invoiceId: 'in_zz' }));
    const { done } = walk(joined, { policy: POLICY, from: day(0), until: day(6) });
    expect(done.at(-1)?.mail?.message).toBe('reminder.short');
    expect(done.at(-1)?.action.carries).toMatchObject([{ stepId: 'second', message: 'reminder.short' }]);
  });

  test('of several mails the graver goes, by the message whose text it is', () => {
    const grave = policyOf(
      {},
      {
        steps: [
          {
            id: 'first',
            kind: 'email',
            message: 'update-card',
            variants: [{ message: 'update-card.x', weight: 100 }],
            delayDays: 1,
          },
          { id: 'second', kind: 'email', message: 'reminder', delayDays: 4 },
        ],
      },
    );
    // The older failure is at its reminder on the day on which the newer one is at its first mail.
    const newer = failedFact('in_b', { at: day(3) });
    const { done } = walk(failed('in_a'), { policy: grave, from: day(0), until: day(6), later: [newer] });
    const both = done.find(({ action }) => action.carries.length > 0)?.action;
    expect(both).toMatchObject({
      subjectId: 'in_b',
      message: expect.stringMatching(/^update-card/) as string,
    });
    expect(both?.carries).toMatchObject([{ subjectId: 'in_a', message: 'reminder' }]);
  });

  test.each([
    ['payment-failed', [] as string[]],
    ['confirm-payment', ['first']],
  ])('held out of reminders: another text of %s is held out as its message is', (message, expected) => {
    const holdout = { experiment: 'mails', share: 0.5 };
    const keys = Array.from({ length: 60 }, (_, i) => keyOf(`cus_${i}`));
    const key = keys.find((one) => armOf(one, holdout) === 'held_out') ?? keyOf('cus_none');
    const policy = policyOf(
      { holdout },
      {
        steps: [
          {
            id: 'first',
            kind: 'email',
            message: `${message}.x`,
            variants: [{ message: `${message}.y`, weight: 1 }],
            delayDays: 1,
          },
        ],
      },
    );
    const { done } = walk({ ...failed('in_1'), key }, { policy, from: day(0), until: day(6) });
    expect(done.map(({ action }) => action.stepId)).toEqual(expected);
  });
});

describe('what an operator is told', () => {
  test.each([
    [OWN, 'reminder'],
    [OTHER, 'reminder.short'],
  ])('of case %s: the text that it gets, %s', (id, message) => {
    const { customer } = go(id, POLICY, day(2));
    const [invoice] = explain(customer, POLICY, day(2)).invoices;
    expect(invoice?.steps.find((step) => step.id === 'second')).toMatchObject({ message, status: 'waiting' });
  });

  test('a new variant changes the cases that get it, and no other', () => {
    const before = campaignWith({});
    for (const [id, isChanged] of [
      [OWN, false],
      [OTHER, true],
    ] as const) {
      const { customer } = go(id, before, day(2));
      const diff = planDiff(customer, { before, after: POLICY }, day(2));
      expect([diff?.isChanged, diff?.mails]).toEqual([isChanged, 0]);
    }
  });
});

describe('a policy', () => {
  const refused = (step: object): string[] => {
    try {
      campaignWith(step);
      return [];
    } catch (error) {
      if (error instanceof PolicyError) return error.faults.map(({ field }) => field);
      throw error;
    }
  };
  const AT = 'campaigns.0.steps.1';
  test.each<readonly [string, object, readonly string[]]>([
    ['with two texts', { variants }, []],
    ['whose step itself names another text', { message: 'reminder.short' }, []],
    ['with a text of another message', { variants: [{ message: 'payment-failed', weight: 1 }] }, []],
    ['with an empty list', { variants: [] }, [`${AT}.variants`]],
    ['of weight 0', { variants: [{ message: 'reminder.a', weight: 0 }] }, [`${AT}.variants.0.weight`]],
    ['of weight 101', { variants: [{ message: 'reminder.a', weight: 101 }] }, [`${AT}.variants.0.weight`]],
    ['of no weight', { variants: [{ message: 'reminder.a' }] }, [`${AT}.variants.0.weight`]],
    ['of no such message', { variants: [{ message: 'remider.a', weight: 1 }] }, [`${AT}.variants.0.message`]],
    [
      'of a name in capitals',
      { variants: [{ message: 'reminder.A', weight: 1 }] },
      [`${AT}.variants.0.message`],
    ],
    ['of a path', { variants: [{ message: 'reminder.../x', weight: 1 }] }, [`${AT}.variants.0.message`]],
    ['of two names', { variants: [{ message: 'reminder.a.b', weight: 1 }] }, [`${AT}.variants.0.message`]],
    [
      'sent by its own rule',
      { variants: [{ message: 'final-notice.x', weight: 1 }] },
      [`${AT}.variants.0.message`],
    ],
    ['of a notice', { variants: [{ message: 'win-back.x', weight: 1 }] }, [`${AT}.variants.0.message`]],
    [
      'with more than anybody can compare',
      {
        variants: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ message: `reminder.${name}`, weight: 1 })),
      },
      [`${AT}.variants`],
    ],
  ])('%s', (_, step, fields) => {
    expect(refused(step)).toEqual(fields);
  });

  test('every text that it can send is known, each once', () => {
    const policy = policyOf({
      notices: [
        {
          id: 'card',
          kind: 'card_expiry',
          steps: [
            {
              id: 'd5',
              message: 'card-expiring',
              variants: [{ message: 'card-expiring.x', weight: 1 }],
              daysBefore: 5,
            },
          ],
        },
      ],
    });
    expect(textsIn(policy)).toEqual(['payment-failed', 'reminder', 'card-expiring', 'card-expiring.x']);
    expect(textsIn(POLICY)).toContain('reminder.short');
  });

  test('a notice that is sent in a text of another kind is refused', () => {
    const step = { id: 'd5', message: 'card-expiring', daysBefore: 5 };
    const notices = [
      {
        id: 'card',
        kind: 'card_expiry',
        steps: [{ ...step, variants: [{ message: 'trial-ending.x', weight: 1 }] }],
      },
    ];
    expect(() => definePolicy({ ...POLICY, notices })).toThrow(/notices\.0\.steps\.0\.variants\.0\.message/);
  });
});
