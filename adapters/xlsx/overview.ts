// The figures of a report in one flat list, so that a spreadsheet can sort, filter and pivot them.
import { curveByDay } from '../../core/reports/curve.ts';
import type { CurrencyFigures, Lift, Named, Rate, Report } from '../../core/reports/report.ts';
import {
  ageInWords,
  answerWords,
  causeWords,
  DIMENSION_WORDS,
  mailWords,
  MEANINGS,
  OUTCOMES,
  valueWords,
} from '../../core/reports/words.ts';

/** A line of the overview. What has no currency is of all of them. */
export type OverviewRow = {
  readonly currency: string | null;
  readonly about: string;
  readonly figure: string;
  readonly n?: number | null;
  readonly minor?: number | null;
  readonly share?: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly of?: number | null;
  readonly ofMinor?: number | null;
  readonly meaning?: string;
};

type Told = Omit<OverviewRow, 'currency'>;

const rateRow = (about: string, figure: string, { hits, of, share }: Rate, meaning?: string): Told => ({
  about,
  figure,
  n: hits,
  of,
  share: share?.share ?? null,
  low: share?.low ?? null,
  high: share?.high ?? null,
  ...(meaning !== undefined && { meaning }),
});

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

const MEANING_OF = {
  recovered: MEANINGS.Recovered,
  lost: MEANINGS.Lost,
  withdrawn: MEANINGS.Withdrawn,
  open: MEANINGS.Open,
} as const;

const moneyRows = ({ cell, imported }: CurrencyFigures): Told[] => [
  { about: 'Money', figure: 'Failed', ...cell.failed, meaning: MEANINGS.Failed },
  ...OUTCOMES.map((name) => ({
    about: 'Money',
    figure: capital(name),
    ...cell[name],
    of: cell.failed.n,
    ofMinor: cell.failed.minor,
    meaning: MEANING_OF[name],
  })),
  ...(imported.failed.n === 0
    ? []
    : [
        { about: 'Imported', figure: 'Failed', ...imported.failed, meaning: MEANINGS.Imported },
        ...OUTCOMES.map((name) => ({ about: 'Imported', figure: capital(name), ...imported[name] })),
      ]),
];

const rateRows = ({ rate, moneyRate, unmailed, cell }: CurrencyFigures): Told[] => [
  rateRow('Rate', 'Recovery rate', rate, MEANINGS['Recovery rate']),
  {
    about: 'Rate',
    figure: 'Recovery rate in money',
    minor: moneyRate.minor,
    ofMinor: moneyRate.ofMinor,
    share: moneyRate.share,
  },
  {
    about: 'Rate',
    figure: 'Recovered before any mail',
    ...unmailed,
    of: cell.recovered.n,
    ofMinor: cell.recovered.minor,
  },
];

const hoursRows = ({ hours: { median, p90 } }: CurrencyFigures): Told[] => {
  const about = 'Hours to recover';
  return [
    ...(median === null
      ? []
      : [{ about, figure: 'Half within', n: median, meaning: MEANINGS['Time to recover'] }]),
    ...(p90 === null ? [] : [{ about, figure: 'Nine in ten within', n: p90 }]),
  ];
};

const expectedRows = ({ expected, cell: { open } }: CurrencyFigures): Told[] => {
  if (expected === null) return [];
  const about = 'Expected of what is open';
  const { minor, low, high } = expected;
  return [
    { about, figure: 'Expected', minor, of: open.n, ofMinor: open.minor, meaning: MEANINGS.Expected },
    { about, figure: 'at least (95 %)', minor: low },
    { about, figure: 'at most (95 %)', minor: high },
  ];
};

const atRiskRows = ({ atRisk: { open, ages, expected, untold, imported } }: CurrencyFigures): Told[] => {
  const about = 'At risk now';
  const of = { of: open.n, ofMinor: open.minor };
  return [
    { about, figure: 'Open, whenever it failed', ...open, meaning: MEANINGS[about] },
    ...ages.map(({ from, to, sum }) => ({
      about,
      figure: `Open for ${ageInWords(from, to)}`,
      ...sum,
      ...of,
    })),
    ...(expected === null
      ? []
      : [
          { about, figure: 'Expected', minor: expected.minor, ...of, meaning: MEANINGS.Expected },
          { about, figure: 'at least (95 %)', minor: expected.low },
          { about, figure: 'at most (95 %)', minor: expected.high },
        ]),
    ...(untold.n === 0 ? [] : [{ about, figure: 'Nothing known by the curve', ...untold, ...of }]),
    ...(imported.n === 0
      ? []
      : [{ about, figure: 'Imported, open besides', ...imported, meaning: MEANINGS.Imported }]),
  ];
};

const recurringRows = ({ recurring: { monthlyMinor, months, lifetimeMinor } }: CurrencyFigures): Told[] => {
  const about = 'Recurring revenue kept';
  return [
    { about, figure: 'A month', minor: monthlyMinor, meaning: MEANINGS[about] },
    {
      about,
      figure: `Over ${months} more months`,
      minor: lifetimeMinor,
      meaning: 'An assumption: that the plans go on for so long (--months).',
    },
  ];
};

const listRows = (
  about: string,
  sums: readonly Named[],
  of: { n: number; minor: number },
  words: (code: string) => string,
): Told[] =>
  sums.map(({ name, sum }) => ({ about, figure: words(name), ...sum, of: of.n, ofMinor: of.minor }));

/** What came in of invoices that are not among those listed, by its own row. */
const inPartRows = (about: string, { inPart, cell }: CurrencyFigures): Told[] =>
  inPart.n === 0
    ? []
    : [{ about, figure: 'Only paid in part', minor: inPart.minor, ofMinor: cell.recovered.minor }];

const groupRows = ({ groups }: CurrencyFigures, { by }: Report): Told[] =>
  groups.flatMap(({ value, cell, rate, moneyRate }) => {
    const about = `By ${DIMENSION_WORDS[by]}`;
    const figure = valueWords(by, value);
    return [
      { about, figure: `${figure}: failed`, ...cell.failed },
      {
        ...rateRow(about, `${figure}: recovered`, rate),
        minor: moneyRate.minor,
        ofMinor: moneyRate.ofMinor,
      },
    ];
  });

const currencyRows = (figures: CurrencyFigures, report: Report): Told[] => [
  ...moneyRows(figures),
  ...rateRows(figures),
  ...hoursRows(figures),
  ...expectedRows(figures),
  ...atRiskRows(figures),
  ...recurringRows(figures),
  ...curveByDay(figures.curve, figures.seenDays).map(({ day, ...share }, i) => ({
    about: 'Share recovered by',
    figure: `day ${day}`,
    ...share,
    ...(i === 0 && { meaning: MEANINGS['Share by day'] }),
  })),
  ...listRows('What brought the money in', figures.causes, figures.cell.recovered, causeWords),
  ...inPartRows('What brought the money in', figures),
  ...listRows('The last mail before it', figures.after, figures.cell.recovered, mailWords),
  ...inPartRows('The last mail before it', figures),
  ...listRows('Why the rest was lost', figures.lostBecause, figures.cell.lost, String),
  ...listRows('What lost customers told', figures.lostAnswered, figures.cell.lost, answerWords),
  ...groupRows(figures, report),
];

const liftRows = ({ experiment, mailed, heldOut, difference, isEnough }: Lift): Told[] => {
  const about = `Experiment ${experiment}`;
  return [
    rateRow(about, 'Cases with mails', mailed, MEANINGS.Lift),
    rateRow(about, 'Cases without mails', heldOut),
    difference === null || !isEnough
      ? { about, figure: 'Difference: not enough settled cases yet' }
      : {
          about,
          figure: 'Difference (points)',
          share: difference.difference,
          low: difference.low,
          high: difference.high,
        },
  ];
};

const mailRows = ({ mails }: Report): Told[] =>
  mails.flatMap(({ step, sent, delivered, opened, clicked, bounced, complained, paid }) =>
    Object.entries({ sent, delivered, opened, clicked, bounced, complained, 'paid after it': paid }).map(
      ([figure, n]) => ({
        about: `Mail ${step}`,
        figure,
        n,
        ...(figure !== 'sent' && { of: sent, share: sent === 0 ? null : n / sent }),
      }),
    ),
  );

/** Every figure of a report, a line each: those of each currency, then what is counted over all of them. */
export const overviewRows = (report: Report): OverviewRow[] => [
  ...report.currencies.flatMap((figures) =>
    currencyRows(figures, report).map((row) => ({ currency: figures.currency, ...row })),
  ),
  ...[...report.lifts.flatMap(liftRows), ...mailRows(report)].map((row) => ({ currency: null, ...row })),
];
