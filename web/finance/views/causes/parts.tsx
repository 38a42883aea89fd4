// What became of a group's money, in the length of what failed of it: decoration beside the figures.
import type { CurrencyFigures } from '../../api.ts';
import { partsOf } from '../../parts/geometry.ts';

const SIZE = { width: 1000, height: 8 };
const OUTCOMES = ['recovered', 'lost', 'withdrawn', 'open'] as const;

type PartsProps = {
  readonly cell: CurrencyFigures['cell'];
  /** What failed of the largest group, in minor units: its bar has the whole width. */
  readonly most: number;
};

export const Parts = ({ cell, most }: PartsProps) => (
  <svg
    class="bar parts"
    viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    {partsOf(
      OUTCOMES.map((look) => ({ look, share: cell[look].amount.minor / most })),
      SIZE.width,
    ).map(({ look, x, width }) => (
      <rect key={look} class={look} x={x} width={width} height={SIZE.height} />
    ))}
  </svg>
);
