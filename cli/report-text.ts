// A report as plain text: each figure with what it is a share of.
import { formatMoney } from '../core/money.ts';
import type { Converted } from '../core/reports/convert.ts';
import { REQUEST_KINDS } from '../core/reports/cost.ts';
import { curveByDay } from '../core/reports/curve.ts';
import type { CurrencyFigures, Lift, MoneyRate, Named, Rate, Report } from '../core/reports/report.ts';
import type { Cell, Sum } from '../core/reports/tally.ts';
import {
  ageInWords,
  aUnitInWords,
  counted,
  dollarsInWords,
  hoursInWords,
  invoicesInWords,
  liftVerdict,
  percent,
  points,
  REQUEST_WORDS,
  uncountedInWords,
} from '../core/reports/words.ts';
import { addMs, toMs } from '../core/time.ts';
import { plain, table } from './printed.ts';

/** A rate with its interval and its denominator; what it is of nothing is said in words. */
export const rateInWords = ({ hits, of, share }: Rate): string =>
  share === null
    ? 'none yet: nothing is recovered or lost'
    : `${percent(share.share)} (${hits} of ${of}; 95 %: ${percent(share.low)} to ${percent(share.high)})`;

type Say = { readonly money: (minor: number) => string };

const moneyRateInWords = ({ minor, ofMinor, share }: MoneyRate, { money }: Say): string =>
  share === null ? 'none yet' : `${percent(share)} (${money(minor)} of ${money(ofMinor)})`;

const sumInWords = ({ n, minor }: Sum, { money }: Say): string => `${money(minor)} in ${invoicesInWords(n)}`;

const cellTable = (cell: Cell, { money }: Say): string =>
  table(
    ['', 'invoices', 'money'],
    (['failed', 'recovered', 'lost', 'withdrawn', 'open'] as const).map((name) => [
      name,
      String(cell[name].n),
      money(cell[name].minor),
    ]),
    2,
  );

/** What came in of invoices that are not among those listed, by its own line. */
const inPartRow = ({ inPart }: CurrencyFigures, say: Say): string[][] =>
  inPart.n === 0 ? [] : [['only paid in part', '-', say.money(inPart.minor)]];

const listOf = (title: string, sums: readonly Named[], say: Say, more: string[][] = []): string[] => {
  const rows = [...sums.map(({ name, sum }) => [plain(name), String(sum.n), say.money(sum.minor)]), ...more];
  return rows.length === 0 ? [] : [`${title}\n${table(['', 'invoices', 'money'], rows, 2)}`];
};

const curveTable = ({ curve, seenDays }: CurrencyFigures): string[] => {
  const rows = curveByDay(curve, seenDays).map(({ day: last, share, low, high }) => [
    `day ${last}`,
    percent(share),
    `${percent(low)} to ${percent(high)}`,
  ]);
  return rows.length === 0
    ? []
    : [
        `Recovered by (days since the failure; lost ones count as never)\n${table(['', 'share', '95 %'], rows, 2)}`,
      ];
};

const atRiskText = ({ atRisk }: CurrencyFigures, say: Say): string[] => {
  const { open, ages, expected, untold, imported } = atRisk;
  if (open.n + imported.n === 0) return [];
  const rows = ages.map(({ from, to, sum }) => [ageInWords(from, to), String(sum.n), say.money(sum.minor)]);
  return [
    [
      `At risk now, whenever it failed: ${sumInWords(open, say)}`,
      ...(open.n === 0 ? [] : [table(['open for', 'invoices', 'money'], rows, 2)]),
      expected === null
        ? ''
        : `Expected of it: ${say.money(expected.minor)} (95 %: ${say.money(expected.low)} to ${say.money(expected.high)})`,
      untold.n === 0 ? '' : `The curve says nothing yet of ${sumInWords(untold, say)}`,
      imported.n === 0 ? '' : `There before Recoup, and open besides: ${sumInWords(imported, say)}`,
    ]
      .filter(Boolean)
      .join('\n'),
  ];
};

const movedText = ({ moved }: CurrencyFigures, say: Say): string[] => {
  const heads = ['', 'recovered', 'refunded', 'disputed', 'reversed', 'net'];
  const rows = moved.map(({ month, recovered, refunded, disputed, reversed, netMinor }) => [
    month,
    ...[recovered.minor, refunded.minor, disputed.minor, reversed.minor, netMinor].map(say.money),
  ]);
  return rows.length === 0 ? [] : [`Money by the month in which it moved\n${table(heads, rows, 5)}`];
};

const groupsText = ({ groups }: CurrencyFigures, by: string, say: Say): string[] => {
  const rows = groups.map(({ value, cell: one, rate, moneyRate }) => [
    plain(value),
    String(one.failed.n),
    say.money(one.failed.minor),
    rate.share === null ? '-' : `${percent(rate.share.share)} of ${rate.of}`,
    moneyRate.share === null ? '-' : percent(moneyRate.share),
  ]);
  const heads = ['', 'failed', 'money', 'recovered', 'in money'];
  return rows.length === 0 ? [] : [`By ${by}\n${table(heads, rows, 4)}`];
};

const periodText = (figures: CurrencyFigures, say: Say): string[] => {
  const { cell, imported, hours, expected, recurring, unmailed } = figures;
  if (cell.failed.n + imported.failed.n === 0) return ['Nothing failed in this currency in that time.'];
  return [
    cellTable(cell, say),
    [
      `Recovery rate: ${rateInWords(figures.rate)}`,
      `  in money: ${moneyRateInWords(figures.moneyRate, say)}`,
      `  recovered before any mail: ${sumInWords(unmailed, say)}`,
      hours.median === null || hours.p90 === null
        ? ''
        : `Time to recover: half within ${hoursInWords(hours.median)}, nine in ten within ${hoursInWords(hours.p90)}`,
      expected === null || cell.open.n === 0
        ? ''
        : `Expected of what is open: ${say.money(expected.minor)} (95 %: ${say.money(expected.low)} to ${say.money(expected.high)})`,
      recurring.monthlyMinor === 0
        ? ''
        : `Recurring revenue kept: ${say.money(recurring.monthlyMinor)} a month at list price; over ${recurring.months} more months ` +
          `(an assumption: --months) ${say.money(recurring.lifetimeMinor)}`,
    ]
      .filter(Boolean)
      .join('\n'),
  ];
};

const currencyText = (figures: CurrencyFigures, by: string): string => {
  const { currency, imported } = figures;
  const say: Say = { money: (minor) => formatMoney({ minor, currency }, 'en') };
  return [
    `${currency}\n${'─'.repeat(currency.length)}`,
    ...periodText(figures, say),
    ...atRiskText(figures, say),
    ...curveTable(figures),
    ...listOf('What brought the money in', figures.causes, say, inPartRow(figures, say)),
    ...listOf('The last mail before it', figures.after, say, inPartRow(figures, say)),
    ...listOf('Why the rest was lost', figures.lostBecause, say),
    ...listOf('What lost customers told', figures.lostAnswered, say),
    ...groupsText(figures, by, say),
    ...movedText(figures, say),
    ...(imported.failed.n === 0
      ? []
      : [
          `There before Recoup, in none of the above: ${sumInWords(imported.failed, say)}, of which recovered ${say.money(imported.recovered.minor)}`,
        ]),
  ].join('\n\n');
};

const VERDICTS = {
  more: 'more came back with mails',
  less: 'less came back with mails',
  none: 'no difference is shown',
} as const;

const liftText = (lift: Lift): string => {
  const { experiment, mailed, heldOut, difference } = lift;
  const verdict = liftVerdict(lift);
  const sides = `  mailed: ${rateInWords(mailed)}\n  held out: ${rateInWords(heldOut)}`;
  if (difference === null || verdict === null)
    return `Experiment ${experiment}: not enough settled cases yet\n${sides}`;
  const { difference: by, low, high } = difference;
  const says = VERDICTS[verdict];
  return `Experiment ${experiment}: ${points(by)} (95 %: ${points(low)} to ${points(high)}): ${says}\n${sides}`;
};

const mailsTable = ({ mails }: Report): string[] =>
  mails.length === 0
    ? []
    : [
        `Mails (opens are not reliable: some programs load what nobody looks at)\n${table(
          ['step', 'sent', 'delivered', 'opened', 'clicked', 'bounced', 'paid after it'],
          mails.map(({ step, sent, delivered, opened, clicked, bounced, paid }) => [
            plain(step),
            ...[sent, delivered, opened, clicked, bounced, paid].map(String),
          ]),
          6,
        )}`,
      ];

const day = (text: string): string => text.slice(0, 10);

const costText = ({ asOf, cases, requests, dollars, anInvoice, currencies }: Report['cost']): string => {
  const rows = REQUEST_KINDS.filter((kind) => requests[kind].n > 0).map((kind) => [
    REQUEST_WORDS[kind],
    counted(requests[kind].n),
    dollarsInWords(requests[kind].dollars),
  ]);
  const each = anInvoice === null ? '' : `, ${dollarsInWords(anInvoice)} an invoice recovered`;
  return [
    `Running Recoup for ${cases === 1 ? 'this case' : `these ${counted(cases)} cases`}, at AWS prices of ${asOf}: ${dollarsInWords(dollars)}${each}`,
    ...(rows.length === 0 ? [] : [table(['', 'requests', ''], rows, 2)]),
    ...currencies.flatMap(({ currency, aUnit }) =>
      aUnit === null ? [] : [`  ${aUnitInWords(aUnit, currency)}`],
    ),
    ...(requests.uncounted.n === 0 ? [] : [`  ${uncountedInWords(requests.uncounted.n)}`]),
  ].join('\n');
};

const convertedText = ({ base, asOf, minor, share, missing }: Converted): string => {
  const money = (amount: number): string => formatMoney({ minor: amount, currency: base }, 'en');
  return [
    `All currencies as ${base}, by the rates that you gave (${plain(asOf)}); in none of the figures above`,
    `  failed ${money(minor.failed)}, recovered ${money(minor.recovered)}, lost ${money(minor.lost)}, ` +
      `withdrawn ${money(minor.withdrawn)}, open ${money(minor.open)}`,
    share === null
      ? ''
      : `  in money ${percent(share)} of ${money(minor.recovered + minor.lost)} settled came back`,
    missing.length === 0 ? '' : `  without ${missing.join(', ')}: no rate is given`,
  ]
    .filter(Boolean)
    .join('\n');
};

/** A whole report as text. Money of different currencies is never added, but where rates are given, and then said so. */
export const reportText = (report: Report, where: string, converted: Converted | null = null): string => {
  const last = day(addMs(report.to, -1));
  const head = [
    `Failed payments from ${day(report.from)} to ${last} (UTC) in ${where}, as of ${new Date(toMs(report.at)).toISOString().slice(0, 16).replace('T', ' ')}`,
    report.filters.length > 0 ? `Only: ${report.filters.join('; ')}` : '',
  ].filter(Boolean);
  if (report.currencies.length === 0) return `${head.join('\n')}\n\nNo payment failed in that time.`;
  return [
    head.join('\n'),
    ...report.currencies.map((figures) => currencyText(figures, report.by)),
    ...mailsTable(report),
    ...report.lifts.map(liftText),
    ...(converted === null ? [] : [convertedText(converted)]),
    costText(report.cost),
    'What each figure means: docs/reports.md. The invoices under it: --csv FILE; as a page: --html FILE.',
  ].join('\n\n');
};
