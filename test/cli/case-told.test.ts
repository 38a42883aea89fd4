// What `recoup case` prints of what others told: the customer on their page, and the mail service of mails.
import { describe, expect, test } from 'vitest';
import { printedCase } from '../../cli/case.ts';
import { withAnswer } from '../../core/recovery/answers.ts';
import { ADJUSTMENT_KINDS, type Customer } from '../../core/recovery/customer.ts';
import { explain } from '../../core/recovery/explain.ts';
import { merge, mergeAll } from '../../core/recovery/merge.ts';
import { ADJUSTMENT_WORDS } from '../../core/reports/outcome.ts';
import { adjustmentOf, closedCaseOf, keyOf } from '../support/customers.ts';
import { customerFact, day, deliveryFact } from '../support/facts.ts';
import { failing, pass, policyOf } from '../support/operating.ts';

const POLICY = policyOf();
const OPEN = pass(failing('in_1'), POLICY, day(0), day(4.5)).customer;
const NOW = day(5);

const printed = (customer: Customer, closed: Parameters<typeof printedCase>[1]['closed'] = []): string =>
  printedCase(explain(customer, POLICY, NOW), { customer, closed, adjustments: [] }, 'a test');

describe('recoup case', () => {
  test('tells what the customer answered, whether a promise holds, and their words without control characters', () => {
    const promise = { kind: 'promise', promisedDay: '2026-03-12', text: null } as const;
    const words = { kind: 'other', promisedDay: null, text: 'moved\u001B[31m away\r\n' } as const;
    const told = [
      [promise, true],
      [promise, false],
      [words, false],
    ] as const;
    const text = printed(
      told.reduce<Customer>((all, [answer, held]) => withAnswer(all, answer, held, NOW), OPEN),
    );
    expect(text).toMatch(/Told by the customer\nwhen \(UTC\) +what +in their words\n/);
    expect(text).toContain('will pay on 2026-03-12 (held until its end)');
    expect(text).toContain('will pay on 2026-03-12 (holds nothing back)');
    expect(text).toMatch(/other +moved\?\[31m away/);
    expect(text).not.toContain('\u001B');
  });

  test('tells of a closed case what moved since, with its time, its amount and in words', () => {
    const key = keyOf('cus_1');
    const adjustments = ADJUSTMENT_KINDS.map((kind) => adjustmentOf(key, `${kind}:1`, { kind }));
    const file = { customer: OPEN, closed: [closedCaseOf(key, 'case_in_1')], adjustments };
    const text = printedCase(explain(OPEN, POLICY, NOW), file, 'a test');
    const told = text.split('\n').flatMap((line) => /09:00 €10\.00 of in_1 (.*)/.exec(line)?.[1] ?? []);
    expect(told).toEqual(ADJUSTMENT_KINDS.map((kind) => ADJUSTMENT_WORDS[kind]));
    expect(new Set(told).size).toBe(ADJUSTMENT_KINDS.length);
  });

  test('says where the older lines of a long journal are, and nothing where there are none', () => {
    const open = { ...OPEN, recovery: { ...OPEN.recovery, journalPages: 2 } };
    expect(printed(open)).toContain(
      'Journal (older lines: GET /cases/…/journal of the finance API, page 1 to 2)',
    );
    expect(printed(OPEN, [closedCaseOf(keyOf('cus_1'), 'case_in_0')])).not.toContain('older lines');
    const closed = closedCaseOf(keyOf('cus_1'), 'case_in_0', { journalPages: 1 });
    expect(printed(OPEN, [closed])).toContain('page 1 to 1)');
  });

  test('tells what was answered in a closed case, of which the words are not kept', () => {
    const answers = [{ at: day(-20), kind: 'too_expensive', promisedDay: null, held: false }] as const;
    const text = printed(OPEN, [closedCaseOf(keyOf('cus_1'), 'case_in_0', { answers })]);
    expect(text).toMatch(/Case case_in_0:[\s\S]*too expensive +\(not kept\)/);
  });

  test('tells what became of each mail, and how many addresses are left, but no address', () => {
    const told = mergeAll(OPEN.facts, [
      customerFact(
        { email: 'ana@example.com', metadata: { billing_email: 'bills@firm.example' } },
        { at: day(4) },
      ),
      deliveryFact('sent', { stepId: 'first' }, { at: day(1) }),
    ]);
    expect(printed({ ...OPEN, facts: told })).toMatch(
      /Told by the mail service\n.*\n\S+ \S+ +sent +in_1\/first/,
    );
    expect(printed({ ...OPEN, facts: told })).not.toContain('No mail goes to');
    const bounced = deliveryFact(
      'bounced',
      { stepId: 'first', address: 'ANA@example.com', unreachable: true },
      { at: day(1.1) },
    );
    const text = printed({ ...OPEN, facts: merge(told, bounced) });
    expect(text).toMatch(/\nNo mail goes to 1 of 2 addresses: it came back, or its reader complained\.\n/);
    expect(text).not.toMatch(/ana@|bills@/i);
  });
});
