// Do the intervals hold what they promise? Books drawn by a seed, of which the truth is known.
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../core/recovery/customer.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { reportOn, type ReportQuery } from '../../../core/workflows/read-report.ts';
import { createRandom, type Random } from '../../../local/demo/random.ts';
import { at } from '../../support/customers.ts';
import { caseOf } from '../../support/reports.ts';

const RUNS = 300;
const LEAST = 0.93;
const NOW = at('2026-04-15T12:00Z');
const MARCH: ReportQuery = {
  from: at('2026-03-01T00:00Z'),
  to: at('2026-04-01T00:00Z'),
  by: 'decline',
  months: 12,
};

/** Some cases of one failure each, of which a share is recovered; one in ten is withdrawn, which no rate counts. */
const drawn = (
  random: Random,
  n: number,
  rate: number,
  arm: 'mailed' | 'held_out',
  name: string,
): ReportCase[] =>
  Array.from({ length: n }, (_, i) => {
    const outcome: Outcome = random.chance(0.1) ? 'withdrawn' : random.chance(rate) ? 'recovered' : 'lost';
    return caseOf(`${name}${i}`, [{ outcome }], { exposure: { mails: { arm, at: MARCH.from } } });
  });

describe('over many books', () => {
  test('the 95 % intervals hold the true rate and the true lift in at least 93 of 100', async () => {
    const random = createRandom(20_261_123);
    let [rates, lifts] = [0, 0];
    for (let run = 0; run < RUNS; run += 1) {
      const [mailed, heldOut] = [0.35 + 0.5 * random.between(0, 1), 0.2 + 0.5 * random.between(0, 1)];
      const [m, h] = [random.whole(40, 120), random.whole(40, 120)];
      const cases = [
        ...drawn(random, m, mailed, 'mailed', 'm'),
        ...drawn(random, h, heldOut, 'held_out', 'h'),
      ];
      const { report } = await reportOn(cases, MARCH, NOW);
      const [lift] = report.lifts;
      const share = lift?.mailed.share;
      if (share && share.low <= mailed && mailed <= share.high) rates += 1;
      const by = lift?.difference;
      if (by && by.low <= mailed - heldOut && mailed - heldOut <= by.high) lifts += 1;
    }
    expect(rates / RUNS).toBeGreaterThanOrEqual(LEAST);
    expect(lifts / RUNS).toBeGreaterThanOrEqual(LEAST);
    // Wider than they say they would be no better than none.
    expect(Math.max(rates, lifts) / RUNS).toBeLessThan(0.99);
  });
});
