// The headline figures of a week or a month in plain sentences, for a mail to whoever answers for the money. Pure.
import { formatMoney } from '../money.ts';
import { addMs, type Instant } from '../time.ts';
import { alertInWords, type Alert } from './alerts.ts';
import { curveByDay, type DayShare } from './curve.ts';
import type { DigestPeriod } from './digest-period.ts';
import { newcombe } from './interval.ts';
import {
  MIN_SETTLED,
  type CurrencyFigures,
  type Lift,
  type Named,
  type Rate,
  type Report,
} from './report.ts';
import type { FailureRow } from './rows.ts';
import { ageInWords, causeWords, counted, invoicesInWords, liftVerdict, percent, points } from './words.ts';

/** How many of a list are named. */
const MOST_NAMED = 3;

/** What was recovered of what was settled by some moment, by currency. */
export type RatesBefore = Record<string, { hits: number; of: number }>;

/**
 * Counts a failure of the period before as it stood at a moment: what was settled later was open then. Of one
 * that was given up and is paid since only the payment is known, so until then it counts as open. Changes
 * `to`.
 */
export const countBefore = (to: RatesBefore, row: FailureRow, until: Instant): void => {
  const { cohort, outcome, settledAt, currency } = row;
  if (cohort !== 'live' || settledAt === null || settledAt >= until) return;
  if (outcome !== 'recovered' && outcome !== 'lost') return;
  const rate = (to[currency] ??= { hits: 0, of: 0 });
  rate.of += 1;
  if (outcome === 'recovered') rate.hits += 1;
};

/** What a digest is made of. */
export type DigestInput = {
  readonly period: DigestPeriod;
  readonly report: Report;
  readonly before: { readonly period: DigestPeriod; readonly rates: Readonly<RatesBefore> };
  readonly alerts: readonly Alert[];
  /** What was read, in words. */
  readonly where: string;
};

/** What is told of a currency: sentences, and how much had come back by some days. */
export type DigestCurrency = {
  readonly currency: string;
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly curve: readonly DayShare[];
};

/** A digest in plain words, for every form in which it is written. None of it is HTML. */
export type Digest = {
  readonly subject: string;
  readonly title: string;
  readonly about: string;
  readonly alerts: readonly { readonly says: string; readonly lookAt: string }[];
  readonly currencies: readonly DigestCurrency[];
  readonly lifts: readonly string[];
  readonly foot: string;
};

type Say = (minor: number) => string;

const rateInWords = ({ share, hits, of }: Rate): string =>
  share === null
    ? 'Recovery rate: none yet, for nothing is recovered or lost.'
    : `Recovery rate: ${percent(share.share)}, which is ${counted(hits)} of ${counted(of)} that are recovered or lost ` +
      `(95 %: ${percent(share.low)} to ${percent(share.high)}).`;

/**
 * Said only where the interval of the difference leaves 0 out, and never of fewer than 30 settled ones on a
 * side.
 */
const changeInWords = (
  { rate, currency }: CurrencyFigures,
  { period, rates }: DigestInput['before'],
): string[] => {
  const before = Object.hasOwn(rates, currency) ? rates[currency] : undefined;
  if (before === undefined || Math.min(before.of, rate.of) < MIN_SETTLED) return [];
  const change = newcombe({ hits: rate.hits, all: rate.of }, { hits: before.hits, all: before.of });
  if (change === null || (change.low <= 0 && change.high >= 0)) return [];
  return [
    `That is ${change.difference > 0 ? 'more' : 'less'} than in ${period.name} when it was as old: ${points(change.difference)} ` +
      `(95 %: ${points(change.low)} to ${points(change.high)}), against ${counted(before.hits)} of ${counted(before.of)}.`,
  ];
};

const listInWords = (
  title: string,
  sums: readonly Named[],
  words: (code: string) => string,
  say: Say,
): string[] => {
  const rest = sums.slice(MOST_NAMED);
  const named = sums
    .slice(0, MOST_NAMED)
    .map(({ name, sum }) => `${words(name)} (${say(sum.minor)} in ${invoicesInWords(sum.n)})`);
  const others = rest.length === 0 ? '' : `, and ${counted(rest.length)} more`;
  return named.length === 0 ? [] : [`${title}: ${named.join('; ')}${others}.`];
};

/** A reason may hold what a person wrote. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

const openInWords = ({ cell, expected }: CurrencyFigures, say: Say): string[] => {
  const { open } = cell;
  if (open.n === 0) return ['Nothing is open any more.'];
  const still = `Still open: ${say(open.minor)} in ${invoicesInWords(open.n)}.`;
  return expected === null
    ? [`${still} What of it will come back is not known yet.`]
    : [
        `${still} Expected of it: ${say(expected.minor)} (95 %: ${say(expected.low)} to ${say(expected.high)}), if it goes as it ` +
          'did with failures as old.',
      ];
};

/** All that is open, whenever it failed; and what of it is old. */
const atRiskInWords = ({ atRisk: { open, ages } }: CurrencyFigures, say: Say): string[] => {
  const oldest = ages.at(-1);
  if (open.n === 0 || oldest === undefined) return [];
  const old = oldest.sum.n === 0 ? '' : `, ${say(oldest.sum.minor)} of it ${ageInWords(oldest.from, null)}`;
  return [`At risk now, whenever it failed: ${say(open.minor)} in ${invoicesInWords(open.n)}${old}.`];
};

const hasFailed = ({ cell, imported }: CurrencyFigures): boolean => cell.failed.n + imported.failed.n > 0;

const currencyDigest = (figures: CurrencyFigures, before: DigestInput['before']): DigestCurrency => {
  const { currency, cell, imported, curve, seenDays, causes, lostBecause } = figures;
  const say: Say = (minor) => formatMoney({ minor, currency }, 'en');
  if (!hasFailed(figures)) {
    const sentences = atRiskInWords(figures, say);
    return { currency, headline: 'Nothing failed in that time.', sentences, curve: [] };
  }
  return {
    currency,
    headline: `${say(cell.recovered.minor)} came back of ${say(cell.failed.minor)} that failed in ${invoicesInWords(cell.failed.n)}.`,
    sentences: [
      `Lost: ${say(cell.lost.minor)} in ${invoicesInWords(cell.lost.n)}. Not owed any more: ${say(cell.withdrawn.minor)} in ` +
        `${invoicesInWords(cell.withdrawn.n)}.`,
      ...openInWords(figures, say),
      ...atRiskInWords(figures, say),
      rateInWords(figures.rate),
      ...changeInWords(figures, before),
      ...listInWords('What brought the money in', causes, causeWords, say),
      ...listInWords('Why the rest was lost', lostBecause, oneLine, say),
      ...(imported.failed.n === 0
        ? []
        : [
            `There before Recoup, and in none of these figures: ${say(imported.failed.minor)} in ${invoicesInWords(imported.failed.n)}.`,
          ]),
    ],
    curve: curveByDay(curve, seenDays),
  };
};

const VERDICTS = {
  more: 'more came back with mails',
  less: 'less came back with mails',
  none: 'no difference is shown',
} as const;

const liftInWords = (lift: Lift): string => {
  const { experiment, mailed, heldOut, difference } = lift;
  const verdict = liftVerdict(lift);
  const sides = `${counted(mailed.hits)} of ${counted(mailed.of)} with mails, ${counted(heldOut.hits)} of ${counted(heldOut.of)} without`;
  if (verdict === null || difference === null)
    return `What the mails bring (${experiment}): not enough cases yet, ${sides}; it takes ${MIN_SETTLED} settled ones on each side.`;
  return (
    `What the mails bring (${experiment}): ${VERDICTS[verdict]}, ${points(difference.difference)} (95 %: ${points(difference.low)} ` +
    `to ${points(difference.high)}); ${sides}.`
  );
};

const day = (at: Instant): string => at.slice(0, 10);

/** The digest of a period. Currencies are never added; the one in which most failed comes first. */
export const digestOf = ({ period, report, before, alerts, where }: DigestInput): Digest => {
  // A currency in which money moved, and nothing failed or is at risk, is one of another period.
  const currencies = report.currencies
    .filter((figures) => hasFailed(figures) || figures.atRisk.open.n > 0)
    .toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);
  const title = `Failed payments in ${period.name}`;
  const [first, ...others] = currencies.filter(hasFailed);
  const told =
    first === undefined
      ? 'none'
      : `${formatMoney({ minor: first.cell.recovered.minor, currency: first.currency }, 'en')} came back` +
        (others.length > 0 ? ', and other currencies' : '');
  return {
    subject: `Recoup: ${title}: ${told}`,
    title,
    about:
      `Payments that failed from ${day(period.from)} to ${day(addMs(period.to, -1))} (UTC), as of ${day(report.at)}, ` +
      `${report.at.slice(11, 16)} UTC.`,
    alerts: alerts.map(alertInWords),
    currencies: currencies.map((figures) => currencyDigest(figures, before)),
    lifts: report.lifts.map(liftInWords),
    foot: `From ${where}. Days are those of UTC, currencies are never added. What each figure means: docs/reports.md.`,
  };
};

/** Twenty signs are the whole: what every mail program shows in a text. */
const barOf = (share: number): string => {
  const full = Math.round(share * 20);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
};

const curveText = (curve: readonly DayShare[]): string[] =>
  curve.length === 0
    ? []
    : [
        'Recovered by so many days after the failure:',
        ...curve.map(
          ({ day: last, share, low, high }) =>
            `  day ${String(last).padStart(2)}  ${barOf(share)}  ${percent(share)} (95 %: ${percent(low)} to ${percent(high)})`,
        ),
      ];

const alertsText = (alerts: Digest['alerts']): string[] =>
  alerts.length === 0
    ? []
    : ['To be looked at', ...alerts.flatMap(({ says, lookAt }) => [`- ${says}`, `  ${lookAt}`]), ''];

/** A digest as plain text: `attached` names the files that go with it. */
export const digestText = (digest: Digest, attached: readonly string[]): string =>
  [
    digest.title,
    digest.about,
    '',
    ...alertsText(digest.alerts),
    ...(digest.currencies.length === 0 ? ['No payment failed in that time.', ''] : []),
    ...digest.currencies.flatMap(({ currency, headline, sentences, curve }) => [
      currency,
      headline,
      ...sentences,
      ...curveText(curve),
      '',
    ]),
    ...(digest.lifts.length === 0 ? [] : [...digest.lifts, '']),
    ...(attached.length === 0 ? [] : [`Attached: ${attached.join(', ')}.`]),
    digest.foot,
    '',
  ].join('\n');
