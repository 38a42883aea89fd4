// What a report tells of one currency: what came back, how fast, by what, and why the rest did not.
import { exponentOf, formatMoney } from '../../core/money.ts';
import { curveByDay } from '../../core/reports/curve.ts';
import type { CurrencyFigures, Named } from '../../core/reports/report.ts';
import type { Dimension, Sum } from '../../core/reports/tally.ts';
import {
  ageInWords,
  answerWords,
  causeWords,
  counted,
  DIMENSION_WORDS,
  hoursInWords,
  invoicesInWords,
  mailWords,
  OUTCOMES,
  percent,
  valueWords,
} from '../../core/reports/words.ts';
import { safe } from '../safe.ts';
import { bar, curveChart, key, monthsChart, stackedBar } from './chart.ts';
import { card, scrolling, table, type Row } from './tables.ts';

/** The currency's own name: "Euro (EUR)". */
export const currencyName = (currency: string): string => {
  const name = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' }).of(currency);
  return name === undefined ? currency : `${name} (${currency})`;
};

/** Money of a currency as text that is safe. */
export const moneyIn =
  (currency: string) =>
  (minor: number): string =>
    safe(formatMoney({ minor, currency }, 'en'));

type Say = (minor: number) => string;

const ofWhole = (part: number, whole: number): string => (whole === 0 ? '–' : percent(part / whole));

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

const outcomeTable = ({ cell }: CurrencyFigures, say: Say): string =>
  table(
    'Failed = recovered + lost + withdrawn + open. Share: of the money that failed.',
    ['Outcome', 'Invoices', 'Money', 'Share'],
    OUTCOMES.map((name) => ({
      head: `${key(name)}${capital(name)}`,
      cells: [counted(cell[name].n), say(cell[name].minor), ofWhole(cell[name].minor, cell.failed.minor)],
    })),
    { head: 'Failed', cells: [counted(cell.failed.n), say(cell.failed.minor), ofWhole(1, 1)] },
  );

const headline = (figures: CurrencyFigures, say: Say): string => {
  const { currency, cell } = figures;
  const parts = OUTCOMES.map((look) => ({
    look,
    share: cell.failed.minor === 0 ? 0 : cell[look].minor / cell.failed.minor,
  }));
  const text = parts.map(({ look, share }) => `${look} ${percent(share)}`).join(', ');
  const told = { id: `whole-${currency}`, title: 'What became of the money that failed', text: `${text}.` };
  return `<section class="card"><p class="lead"><b>${say(cell.recovered.minor)}</b> came back
of ${say(cell.failed.minor)} that failed in ${invoicesInWords(cell.failed.n)}.</p>
${cell.failed.minor === 0 ? '' : stackedBar(told, parts)}
${outcomeTable(figures, say)}</section>`;
};

const tile = (title: string, figure: string, text: string): string =>
  `<div><dt>${title}</dt><dd class="big">${figure}</dd><dd><small>${text}</small></dd></div>`;

const rateTiles = ({ rate, moneyRate }: CurrencyFigures, say: Say): string[] =>
  rate.share === null || moneyRate.share === null
    ? [
        tile(
          'Recovery rate',
          'None yet',
          'Nothing is recovered or lost yet, so there is nothing to take a share of.',
        ),
      ]
    : [
        tile(
          'Recovery rate',
          percent(rate.share.share),
          `${counted(rate.hits)} of ${invoicesInWords(rate.of)} that ${rate.of === 1 ? 'is' : 'are'} recovered or lost; 95 %: ${percent(rate.share.low)} ` +
            `to ${percent(rate.share.high)}. Open and withdrawn ones are in neither.`,
        ),
        tile(
          'Recovery rate in money',
          percent(moneyRate.share),
          `${say(moneyRate.minor)} of ${say(moneyRate.ofMinor)} that is recovered or lost.`,
        ),
      ];

const openTiles = ({ cell, expected }: CurrencyFigures, say: Say): string[] => {
  const open = tile(
    'Still open',
    say(cell.open.minor),
    `in ${counted(cell.open.n)} of ${invoicesInWords(cell.failed.n)} that failed.`,
  );
  if (cell.open.n === 0) return [open];
  if (expected === null)
    return [open, tile('Expected of it', 'Not known yet', 'Nothing has come back that could tell.')];
  return [
    open,
    tile(
      'Expected of it',
      say(expected.minor),
      `of ${say(cell.open.minor)}, if it goes on as with failures as old; 95 %: ${say(expected.low)} to ${say(expected.high)}.`,
    ),
  ];
};

const otherTiles = ({ hours, recurring, cell }: CurrencyFigures, say: Say): string[] => [
  ...(hours.median === null || hours.p90 === null
    ? []
    : [
        tile(
          'Time to recover',
          hoursInWords(hours.median),
          `or less for half of ${invoicesInWords(cell.recovered.n)} recovered; ${hoursInWords(hours.p90)} or less for nine in ten.`,
        ),
      ]),
  ...(recurring.monthlyMinor === 0
    ? []
    : [
        tile(
          'Recurring revenue kept',
          `${say(recurring.monthlyMinor)} a month`,
          `at list price, of ${invoicesInWords(cell.recovered.n)} recovered. Over ${recurring.months} more months, if the plans go on ` +
            `so long: ${say(recurring.lifetimeMinor)}.`,
        ),
      ]),
];

const atRiskCard = ({ atRisk }: CurrencyFigures, say: Say): string => {
  const { open, ages, expected, untold, imported } = atRisk;
  if (open.n + imported.n === 0) return '';
  const before =
    imported.n === 0
      ? ''
      : `<p class="quiet">Another ${say(imported.minor)} in ${invoicesInWords(imported.n)} that had failed before Recoup is open too.</p>`;
  if (open.n === 0) return card('At risk now', `<p>Nothing is open that failed since.</p>${before}`);
  const back =
    expected === null
      ? ''
      : `<p>Expected of it: <b>${say(expected.minor)}</b>, if it goes on as with failures of the period when they were as old; 95 %:
${say(expected.low)} to ${say(expected.high)}.</p>`;
  const unknown =
    untold.n === 0
      ? ''
      : `<p class="quiet">Of ${say(untold.minor)} in ${invoicesInWords(untold.n)} nothing is expected: the period says nothing of failures
so old.</p>`;
  const rows = ages.map(({ from, to, sum }): Row => {
    const share = open.minor === 0 ? '' : bar(sum.minor / open.minor, 'open');
    return {
      head: capital(ageInWords(from, to)) + share,
      cells: [counted(sum.n), say(sum.minor), ofWhole(sum.minor, open.minor)],
    };
  });
  const heads = ['Since it failed', 'Invoices', 'Money', 'Share'];
  const caption = 'Everything that is open, by its age. Share: of the money that is open.';
  return card(
    'At risk now',
    `<div class="pair"><div><p class="lead"><b>${say(open.minor)}</b> is open in ${invoicesInWords(open.n)}, whenever they failed.</p>
${back}${unknown}${before}</div>
${table(caption, heads, rows)}</div>`,
  );
};

const curveCard = ({ currency, curve, seenDays, cell }: CurrencyFigures): string => {
  const days = curveByDay(curve, seenDays);
  const last = days.at(-1);
  if (last === undefined) return '';
  const text = `It ends at ${percent(last.share)} on day ${last.day}; 95 %: ${percent(last.low)} to ${percent(last.high)}.`;
  const told = { id: `curve-${currency}`, title: 'Share recovered by days since the failure', text };
  const rows = days.map(({ day, share, low, high }) => ({
    head: `Day ${day}`,
    cells: [percent(share), `${percent(low)} to ${percent(high)}`],
  }));
  const heads = ['By', 'Recovered', '95 %'];
  return card(
    'How fast it comes back',
    `<p class="quiet">The share of ${counted(cell.failed.n)} failures that was recovered by so many days after each failed. A lost one counts as
never recovered; an open one counts for as long as it has been open. The band is the 95 % interval.</p>
<div class="pair"><div>${curveChart(told, curve, seenDays)}</div>${table('Share recovered, by days since the failure', heads, rows)}</div>`,
  );
};

const sumTable = (
  caption: string,
  title: string,
  sums: readonly Named[],
  words: (code: string) => string,
  whole: Sum,
  look: string,
  say: Say,
): string => {
  const row = ({ name, sum }: Named): Row => ({
    head: safe(words(name)) + (whole.minor === 0 ? '' : bar(sum.minor / whole.minor, look)),
    cells: [counted(sum.n), say(sum.minor), ofWhole(sum.minor, whole.minor)],
  });
  const heads = [title, 'Invoices', 'Money', 'Share'];
  return table(caption, heads, sums.map(row));
};

const sumOf = (sums: readonly Named[]): Sum =>
  sums.reduce((sum, one) => ({ n: sum.n + one.sum.n, minor: sum.minor + one.sum.minor }), { n: 0, minor: 0 });

const causesCard = ({ causes, after, unmailed, cell }: CurrencyFigures, say: Say): string => {
  const whole = sumOf(causes);
  if (whole.n === 0) return '';
  const caption = `Of ${say(whole.minor)} in ${invoicesInWords(whole.n)} recovered`;
  const inPart = cell.recovered.minor - whole.minor;
  const tableOf = (title: string, sums: readonly Named[], words: (code: string) => string): string =>
    sumTable(caption, title, sums, words, whole, 'recovered', say);
  return card(
    'What brought the money in',
    `<p class="quiet">${say(unmailed.minor)} of it, in ${invoicesInWords(unmailed.n)}, came back before any mail had gone. That a
mail was the last one before the money does not say that it was the cause.${
      inPart > 0 ? ` Another ${say(inPart)} was paid in part of invoices that were not recovered.` : ''
    }</p>
<div class="pair">${tableOf('Cause', causes, causeWords)}
${tableOf('Last mail before it', after, mailWords)}</div>`,
  );
};

const hasFailed = ({ cell, imported }: CurrencyFigures): boolean => cell.failed.n + imported.failed.n > 0;

const lostCard = (figures: CurrencyFigures, say: Say): string => {
  const { lostBecause, lostAnswered, cell } = figures;
  if (!hasFailed(figures)) return '';
  if (cell.lost.n === 0) return card('Why the rest was lost', '<p>Nothing was lost.</p>');
  const caption = `Of ${say(cell.lost.minor)} in ${invoicesInWords(cell.lost.n)} lost`;
  const told =
    lostAnswered.length === 0
      ? '<p class="quiet">None of these customers told anything on their page.</p>'
      : sumTable(
          `${caption}; one may tell several things`,
          'What they told',
          lostAnswered,
          answerWords,
          cell.lost,
          'lost',
          say,
        );
  return card(
    'Why the rest was lost',
    `<div class="pair">${sumTable(caption, 'Reason', lostBecause, capital, cell.lost, 'lost', say)}
<div>${told}</div></div>`,
  );
};

const groupsCard = ({ groups }: CurrencyFigures, by: Dimension, say: Say): string => {
  if (groups.length === 0) return '';
  const heads = [
    capital(DIMENSION_WORDS[by]),
    'Failed',
    'Money',
    'Recovered of settled',
    'Rate',
    '95 %',
    'Rate in money',
  ];
  const rows = groups.map(({ value, cell, rate, moneyRate }): Row => {
    const { share } = rate;
    return {
      head: safe(valueWords(by, value)),
      cells: [
        counted(cell.failed.n),
        say(cell.failed.minor),
        `${counted(rate.hits)} of ${counted(rate.of)}`,
        share === null ? '–' : percent(share.share) + bar(share.share, 'recovered'),
        share === null ? '–' : `${percent(share.low)} to ${percent(share.high)}`,
        moneyRate.share === null ? '–' : percent(moneyRate.share),
      ],
    };
  });
  const name = `By ${DIMENSION_WORDS[by]}`;
  const caption = 'Rate: recovered ÷ (recovered + lost), which are the settled ones';
  return card(name, scrolling(name, table(caption, heads, rows)));
};

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `2026-03` as `Mar 2026`. */
const monthName = (month: string): string =>
  `${MONTHS[Number(month.slice(5)) - 1] ?? month} ${month.slice(0, 4)}`;

/** More months than this are told in the table only. */
const MONTHS_DRAWN = 24;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const monthsCard = ({ currency, moved }: CurrencyFigures, say: Say): string => {
  if (moved.length === 0) return '';
  const drawn = moved.slice(-MONTHS_DRAWN);
  const unit = 10 ** exponentOf(currency);
  const told = {
    id: `months-${currency}`,
    title: 'Money recovered, and what left again, by month',
    text: `In ${currency}, from ${monthName(drawn[0]?.month ?? '')} to ${monthName(drawn.at(-1)?.month ?? '')}.`,
  };
  const bars = drawn.map(({ month, recovered, refunded, disputed, reversed }) => ({
    label: monthName(month).slice(0, 3),
    came: recovered.minor / unit,
    went: (refunded.minor + disputed.minor + reversed.minor) / unit,
  }));
  const rows = moved.map(({ month, recovered, refunded, disputed, reversed, netMinor }) => ({
    head: monthName(month),
    cells: [recovered.minor, refunded.minor, disputed.minor, reversed.minor, netMinor].map(say),
  }));
  const heads = ['Month', 'Recovered', 'Refunded', 'Disputed', 'Reversed', 'Net'];
  const caption =
    `${key('recovered')}recovered ${key('lost')}refunded, disputed or reversed (a bank debit that came back); net = recovered − ` +
    'all of these';
  return card(
    'Money by month',
    `<p class="quiet">Money counts in the month in which it moved, whenever the payment had failed.</p>
<div class="pair"><div>${monthsChart(told, bars, (value) => compact.format(value))}</div>
${scrolling('Money by month', table(caption, heads, rows))}</div>`,
  );
};

const importedCard = ({ imported }: CurrencyFigures, say: Say): string =>
  imported.failed.n === 0
    ? ''
    : card(
        'There before Recoup',
        `<p>${say(imported.failed.minor)} in ${invoicesInWords(imported.failed.n)} had failed before Recoup knew of the account. Of
it ${say(imported.recovered.minor)} is recovered, ${say(imported.lost.minor)} lost, ${say(imported.withdrawn.minor)} withdrawn and
${say(imported.open.minor)} open. None of it is in any other figure.</p>`,
      );

/** What became of it, the rates, and what is at risk now. */
export const currencyHead = (figures: CurrencyFigures): string => {
  const say = moneyIn(figures.currency);
  if (!hasFailed(figures))
    return `<p>Nothing failed in this currency in that time.</p>\n${atRiskCard(figures, say)}`;
  const tiles = [...rateTiles(figures, say), ...openTiles(figures, say), ...otherTiles(figures, say)];
  return `${headline(figures, say)}\n<dl class="tiles">${tiles.join('\n')}</dl>\n${atRiskCard(figures, say)}`;
};

/** How fast, by what, and why not the rest. */
export const currencyDetails = (figures: CurrencyFigures, by: Dimension): string => {
  const say = moneyIn(figures.currency);
  return [
    curveCard(figures),
    causesCard(figures, say),
    lostCard(figures, say),
    groupsCard(figures, by, say),
    monthsCard(figures, say),
    importedCard(figures, say),
  ]
    .filter(Boolean)
    .join('\n');
};
