// What was only paid in part: with the causes it comes to what was recovered.
import { expect, test } from 'vitest';
import type { CurrencyFigures } from '../../../web/finance/api.ts';
import type { Money } from '../../../web/finance/format.ts';
import { paidInPart } from '../../../web/finance/parts/in-part.ts';

const eur = (minor: number): Money => ({ minor, currency: 'EUR', decimal: (minor / 100).toFixed(2) });

const figures = (recovered: number, ...causes: number[]) =>
  ({
    cell: { recovered: { n: causes.length, amount: eur(recovered) } },
    causes: causes.map((minor, i) => ({ name: `cause${i}`, n: 1, amount: eur(minor) })),
  }) as unknown as Pick<CurrencyFigures, 'cell' | 'causes'>;

test.each([
  ['a part of one that is open or lost', figures(33950, 32500), eur(1450)],
  ['parts alone, with nothing recovered as a whole', figures(5), eur(5)],
  ['nothing, where the causes come to what was recovered', figures(32500, 30000, 2500), null],
  ['nothing of nothing', figures(0), null],
])('%s', (_, given, expected) => {
  expect(paidInPart(given)).toEqual(expected);
});
