// `npm run bench`: every figure side by side in one run; `-- --json` prints them for a program.
import { benchBundles } from './bundles.ts';
import { benchCost } from './cost.ts';
import { benchDoor } from './door.ts';
import { benchFinancePage } from './finance-page.ts';
import { benchReports } from './reports.ts';
import { benchMails } from './mails.ts';
import { benchStore } from './store.ts';
import { benchSweep } from './sweep.ts';

type Figures = Readonly<Record<string, number | string>>;

/** Each aim: where it is found, and whether it is met. */
const AIMS: readonly { readonly aim: string; readonly met: (all: Record<string, Figures>) => boolean }[] = [
  {
    aim: 'door ≥ 10,000 relevant events/s',
    met: ({ door }) => Number(door?.['relevantPerSecond']) >= 10_000,
  },
  { aim: 'door ≤ 3 × the floor', met: ({ door }) => Number(door?.['relevantOverFloor']) <= 3 },
  { aim: 'due customers ≥ 10,000/s', met: ({ sweep }) => Number(sweep?.['dueCustomersPerSecond']) >= 10_000 },
  { aim: 'a mail ≤ 1 ms, p50 warm', met: ({ mails }) => Number(mails?.['mailP50Ms']) <= 1 },
  { aim: 'a mail ≤ 100 KB', met: ({ mails }) => Number(mails?.['mailLargestKB']) <= 100 },
  { aim: 'webhook bundle ≤ 420 KB', met: ({ bundles }) => Number(bundles?.['receive-webhook KB']) <= 420 },
  {
    aim: 'webhook import ≤ 1.2 × the bare client',
    met: ({ bundles }) => Number(bundles?.['receive-webhook import over bare client']) <= 1.2,
  },
  {
    aim: 'a case’s life ≤ 0.001 USD besides SES',
    met: ({ cost }) => Number(cost?.['dollarsACase']) <= 0.001,
  },
  { aim: 'a million cases folded ≤ 5 s', met: ({ reports }) => Number(reports?.['foldSeconds']) <= 5 },
  { aim: 'a million cases folded ≤ 512 MB', met: ({ reports }) => Number(reports?.['foldPeakMb']) <= 512 },
  {
    aim: 'overview of a year, 100,000 cases, ≤ 200 ms',
    met: ({ reports }) => Number(reports?.['overviewMs']) <= 200,
  },
  {
    aim: 'finance page with its figures, 100,000 cases, ≤ 1 s (where there is a Chromium)',
    met: ({ page }) => page?.['skipped'] !== undefined || Number(page?.['pageFiguresMs']) <= 1000,
  },
];

const figures: Record<string, Figures> = {
  door: await benchDoor(),
  store: await benchStore(),
  sweep: await benchSweep(),
  mails: await benchMails(),
  bundles: await benchBundles(),
  cost: await benchCost(),
  reports: await benchReports(),
  page: await benchFinancePage(),
};
const aims = AIMS.map(({ aim, met }) => ({ aim, met: met(figures) }));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ node: process.version, figures, aims }, null, 2));
} else {
  for (const [part, values] of Object.entries(figures)) {
    console.log(`\n${part}`);
    for (const [name, value] of Object.entries(values)) {
      console.log(
        `  ${name.padEnd(44)} ${typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : value}`,
      );
    }
  }
  console.log('\naims');
  for (const { aim, met } of aims) console.log(`  ${met ? 'met   ' : 'MISSED'} ${aim}`);
}
