// The report as one page that needs nothing else: no script, no request, to be mailed, printed or kept. Pure.
import { REQUEST_KINDS } from '../../core/reports/cost.ts';
import type { CurrencyFigures, Lift, Rate, Report } from '../../core/reports/report.ts';
import { MIN_SETTLED } from '../../core/reports/report.ts';
import type { FailureRow } from '../../core/reports/rows.ts';
import {
  aUnitInWords,
  causeWords,
  counted,
  dollarsInWords,
  liftVerdict,
  MEANINGS,
  percent,
  points,
  REQUEST_WORDS,
  uncountedInWords,
} from '../../core/reports/words.ts';
import { splitKey } from '../../core/ids.ts';
import { addMs, toMs, type Instant } from '../../core/time.ts';
import { safe } from '../safe.ts';
import { bar } from './chart.ts';
import { currencyDetails, currencyHead, currencyName, moneyIn } from './currency.ts';
import { STYLE } from './style.ts';
import { scrolling, table, type Row } from './tables.ts';

/** More invoices than this are in the CSV only: the page stays small enough for a mail. */
export const MAX_INVOICES = 500;

const long = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

const dayOf = (at: Instant): string => long.format(toMs(at));

const periodOf = ({ from, to }: Report): string => {
  const last = addMs(to, -1);
  return dayOf(from) === dayOf(last) ? `on ${dayOf(from)}` : `from ${dayOf(from)} to ${dayOf(last)}`;
};

/** A part of the page under its heading. */
const part = (id: string, title: string, html: string, look = ''): string =>
  `<section id="${id}" aria-labelledby="${id}-heading"${look === '' ? '' : ` class="${look}"`}>
<h2 id="${id}-heading">${safe(title)}</h2>
${html}
</section>`;

const glance = (currencies: readonly CurrencyFigures[]): string => {
  const heads = [
    'Currency',
    'Invoices',
    'Failed',
    'Recovered',
    'Lost',
    'Withdrawn',
    'Open',
    'Recovery rate',
    'At risk now',
  ];
  const rows = currencies.map(({ currency, cell, rate, atRisk }): Row => {
    const say = moneyIn(currency);
    const { share, hits, of } = rate;
    return {
      head: `<a href="#${currency}">${currency}</a>`,
      cells: [
        counted(cell.failed.n),
        ...[cell.failed, cell.recovered, cell.lost, cell.withdrawn, cell.open].map(({ minor }) => say(minor)),
        share === null
          ? 'none yet'
          : `${percent(share.share)} <small>(${counted(hits)} of ${counted(of)})</small>`,
        say(atRisk.open.minor),
      ],
    };
  });
  const caption =
    'Each currency for itself: they are never added. Recovery rate: recovered ÷ (recovered + lost), in number. At risk now: all ' +
    'that is open, whenever it failed.';
  return `<div class="card">${scrolling('What came back, by currency', table(caption, heads, rows))}</div>`;
};

const NO_EXPERIMENT = `<p class="says">This cannot be told.</p>
<p>No customer in these figures was held out of the mails, so nobody knows what would have come back without them. With
<code>holdout</code> in the policy, a share of customers drawn by lot gets no reminders, and this page compares both.</p>`;

const VERDICTS = {
  more: 'Yes: more came back with mails.',
  less: 'No: less came back with mails.',
  none: 'No difference is shown.',
} as const;

const sideRow = (head: string, { hits, of, share }: Rate): Row => ({
  head,
  cells: [
    counted(hits),
    counted(of),
    share === null ? '–' : percent(share.share) + bar(share.share, 'recovered'),
    share === null ? '–' : `${percent(share.low)} to ${percent(share.high)}`,
  ],
});

const liftCard = (lift: Lift): string => {
  const { experiment, mailed, heldOut, difference } = lift;
  const verdict = liftVerdict(lift);
  const says =
    verdict === null || difference === null
      ? `<p class="says">Not enough cases yet.</p><p>It takes ${MIN_SETTLED} settled cases on each side; there are ${counted(mailed.of)} with
mails and ${counted(heldOut.of)} without.</p>`
      : `<p class="says">${VERDICTS[verdict]}</p><p>The difference is ${points(difference.difference)}; with 95 % confidence it lies
between ${points(difference.low)} and ${points(difference.high)}.</p>`;
  const heads = ['Customers', 'Recovered', 'Of settled cases', 'Rate', '95 %'];
  const caption = `Experiment ${safe(experiment)}: cases in which a mail would have gone, of all currencies`;
  const rows = [sideRow('With mails', mailed), sideRow('Without mails', heldOut)];
  return `<div class="card">${says}
${scrolling(`Experiment ${experiment}`, table(caption, heads, rows))}</div>`;
};

const liftPart = ({ lifts }: Report): string =>
  part(
    'lift',
    'Is that better than without mails?',
    lifts.length === 0 ? `<div class="card">${NO_EXPERIMENT}</div>` : lifts.map(liftCard).join('\n'),
  );

const countOf = (n: number, sent: number): string =>
  sent === 0 ? counted(n) : `${counted(n)} <small>(${Math.round((100 * n) / sent)} %)</small>`;

const mailsPart = ({ mails }: Report): string => {
  if (mails.length === 0) return '';
  const isTold = mails.some(({ delivered, bounced, opened }) => delivered + bounced + opened > 0);
  const rows = mails.map(({ step, sent, delivered, opened, clicked, bounced, complained, paid }): Row => ({
    head: safe(step),
    cells: [
      counted(sent),
      ...(isTold ? [delivered, opened, clicked, bounced, complained, paid] : [paid]).map((n) =>
        countOf(n, sent),
      ),
    ],
  }));
  const told = isTold ? ['Delivered', 'Opened', 'Clicked', 'Bounced', 'Complained'] : [];
  const heads = ['Step', 'Sent', ...told, 'Paid after it'];
  const caption = isTold
    ? 'Of those sent, as the mail service told. Opens are not reliable: some programs load what nobody looks at.'
    : 'The mail service told nothing of what became of them, so only what was sent and what was paid is known.';
  return part(
    'mails',
    'The mails',
    `<div class="card">${scrolling('The mails', table(caption, heads, rows))}</div>`,
  );
};

const costPart = ({ cost: { asOf, cases, requests, dollars, anInvoice, currencies } }: Report): string => {
  const rows = REQUEST_KINDS.filter((kind) => requests[kind].n > 0).map((kind): Row => ({
    head: REQUEST_WORDS[kind],
    cells: [counted(requests[kind].n), dollarsInWords(requests[kind].dollars)],
  }));
  const { n } = requests.uncounted;
  const units = currencies.flatMap(({ currency, aUnit }) =>
    aUnit === null ? [] : [`<li>${safe(aUnitInWords(aUnit, currency))}</li>`],
  );
  const each = anInvoice === null ? '' : `: ${dollarsInWords(anInvoice)} for each invoice recovered`;
  const estimate = n === 0 ? '' : `<p>${uncountedInWords(n)}</p>`;
  const caption = `What ${cases === 1 ? 'this case' : `these ${counted(cases)} cases`} took, in US dollars at AWS prices of ${asOf}`;
  const whole: Row = { head: 'All', cells: ['', dollarsInWords(dollars)] };
  return part(
    'costs',
    'What running costs',
    `<div class="card"><p class="says">${dollarsInWords(dollars)}${each}.</p>
${units.length === 0 ? '' : `<ul>${units.join('')}</ul>`}${estimate}
${scrolling('What running costs', table(caption, ['Requests', 'Number', 'US dollars'], rows, whole))}</div>`,
  );
};

const invoiceRow = (row: FailureRow): Row => {
  const say = moneyIn(row.currency);
  const { outcome, cause, why } = row;
  const how = outcome === 'recovered' && cause !== null ? causeWords(cause) : why;
  return {
    head: safe(row.number ?? row.invoiceId),
    cells: [
      row.failedAt.slice(0, 10),
      safe(splitKey(row.key).customerId),
      row.cohort === 'imported' ? `${outcome} (imported)` : outcome,
      say(row.failedMinor),
      say(row.recoveredMinor),
      row.settledAt === null ? '' : row.settledAt.slice(0, 10),
      safe(how),
    ],
  };
};

const LIST_HEADS = [
  'Invoice',
  'Failed on',
  'Customer',
  'Outcome',
  'Failed',
  'Recovered',
  'Settled on',
  'How, or why',
];

const listPart = (rows: readonly FailureRow[]): string => {
  const more = rows.length - MAX_INVOICES;
  const caption = `${more > 0 ? `The first ${MAX_INVOICES} of ${counted(rows.length)}` : `All ${counted(rows.length)}`}, the oldest first. Days are those of UTC.`;
  const list = table(caption, LIST_HEADS, rows.slice(0, MAX_INVOICES).map(invoiceRow));
  const rest =
    more > 0 ? `<p>${counted(more)} more: see the CSV (<code>recoup report --csv FILE</code>).</p>` : '';
  return part(
    'invoices',
    'The invoices under these figures',
    `<div class="card long list">${scrolling('The invoices', list)}${rest}</div>`,
  );
};

const meaningsPart = (): string => {
  const entries = Object.entries(MEANINGS).map(
    ([word, meaning]) => `<div><dt>${safe(word)}</dt><dd>${safe(meaning)}</dd></div>`,
  );
  return part(
    'meanings',
    'What the words mean',
    `<div class="card long"><dl class="means">${entries.join('\n')}</dl></div>`,
  );
};

const nav = (links: readonly (readonly [id: string, title: string])[]): string =>
  `<nav aria-label="On this page"><ul>${links
    .map(([id, title]) => `<li><a href="#${id}">${safe(title)}</a></li>`)
    .join('')}</ul></nav>`;

const document = (title: string, head: string, main: string, foot: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
${head}
</header>
<main>
${main.replaceAll(' %', '\u00A0%')}
</main>
<footer><p class="quiet">${foot}</p></footer>
</body>
</html>
`;

const TITLE = 'What came back of failed payments';

const detailsPart = (figures: CurrencyFigures, { by }: Report): string => {
  const details = currencyDetails(figures, by);
  return details === '' ? '' : part('details', 'In detail', details);
};

const mainOf = (
  report: Report,
  currencies: readonly CurrencyFigures[],
  rows: readonly FailureRow[],
): string => {
  const [only] = currencies;
  const sections =
    currencies.length === 1 && only !== undefined
      ? [
          part(only.currency, currencyName(only.currency), currencyHead(only)),
          liftPart(report),
          detailsPart(only, report),
        ]
      : [
          part('glance', 'At a glance', glance(currencies)),
          liftPart(report),
          ...currencies.map((figures) =>
            part(
              figures.currency,
              currencyName(figures.currency),
              `${currencyHead(figures)}\n${currencyDetails(figures, report.by)}`,
              'currency',
            ),
          ),
        ];
  return [...sections, mailsPart(report), costPart(report), listPart(rows), meaningsPart()]
    .filter(Boolean)
    .join('\n');
};

/**
 * The page of a report with the invoices under it. `where` says what was read. All that comes from outside
 * may be hostile text: it comes out as text.
 */
export const reportPage = (report: Report, rows: readonly FailureRow[], where: string): string => {
  // The currency in which most failed says most.
  const currencies = report.currencies.toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);
  const period = periodOf(report);
  const isAny = currencies.length > 0;
  const head = [
    `<h1>${TITLE}</h1>`,
    `<p>Payments that failed ${period}, as of ${dayOf(report.at)}, ${report.at.slice(11, 16)} UTC.</p>`,
    report.filters.length > 0 ? `<p>Only ${safe(report.filters.join('; '))}.</p>` : '',
    isAny
      ? nav([
          ...(currencies.length > 1 ? [['glance', 'At a glance'] as const] : []),
          ...currencies.map(({ currency }) => [currency, currency] as const),
          ...(report.mails.length > 0 ? [['mails', 'Mails'] as const] : []),
          ['costs', 'Costs'],
          ['invoices', 'Invoices'],
          ['meanings', 'What the words mean'],
        ])
      : '',
  ];
  const main = isAny
    ? mainOf(report, currencies, rows)
    : `<div class="card"><p>No payment failed in that time.</p></div>`;
  const foot = `Made by Recoup from ${safe(where)}. Days and months are those of UTC.`;
  return document(safe(`${TITLE} ${period}`), head.filter(Boolean).join('\n'), main, foot);
};
