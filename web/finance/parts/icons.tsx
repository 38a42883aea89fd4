// Small pictures: decoration beside words, so nobody is read them.

const PATHS = {
  overview: 'M2.5 13.5v-4m3.7 4v-8m3.7 8v-5.5m3.6 5.5v-11',
  'at-risk': 'M8 2 14.3 13.2H1.7zM8 6.5v3m0 1.9v.1',
  cohorts:
    'M2 2.5h3.4v3.4H2zm0 5.6h3.4v3.4H2zM7.3 2.5h3.4v3.4H7.3zM7.3 8.1h3.4v3.4H7.3zM12.5 2.5H14v3.4h-1.5z',
  causes: 'M2 4h7m-7 4h11m-11 4h4.5',
  mails: 'M1.8 3.5h12.4v9H1.8zm.4.6L8 8.8l5.8-4.7',
  experiments: 'M6 2h4M6.8 2v4L3 12.6c-.4.7 0 1.4.9 1.4h8.2c.9 0 1.3-.7.9-1.4L9.2 6V2M5 10h6',
  invoices: 'M3.5 1.8h9v12.4l-2.2-1.4-2.3 1.4-2.3-1.4-2.2 1.4zM6 5.3h4M6 8.3h4',
  cases: 'M1.8 4.2h4.5l1.4 1.6h6.5v7.4H1.8z',
  case: 'M1.8 4.2h4.5l1.4 1.6h6.5v7.4H1.8z',
  policy: 'M2 4h6m4 0h2M2 8h2m4 0h6M2 12h7m4 0h1M10 2.5v3M6 6.5v3M11 10.5v3',
  health: 'M1.5 8.5h3l1.8-4.5 3 8 1.8-3.5h3.4',
  menu: 'M2 4.5h12M2 8h12M2 11.5h12',
  help: 'M6.2 6.2a1.85 1.85 0 1 1 2.6 1.7c-.600.3-.800.6-.800 1.2m0 2v.1',
  link: 'M6.7 9.3a2.6 2.6 0 0 0 3.9.3l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.3 6.7a2.6 2.6 0 0 0-3.9-.3l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8',
  download: 'M8 2.5v7.5m-3-3 3 3 3-3M2.5 13.3h11',
  print: 'M4.5 6V2.2h7V6M4.5 11.5H2.3V6h11.4v5.5h-2.2M4.5 9.5h7v4.3h-7z',
  filter: 'M2 4h12M4.5 8h7M6.7 12h2.6',
  calendar: 'M2.3 3.5h11.4v10H2.3zM2.3 6.7h11.4M5.3 1.8v3m5.4-3v3',
  down: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  table: 'M2 3h12v10H2zm0 3.5h12M6.5 6.5V13',
  chart: 'M2.5 2v11.5H14M5 10.5l3-3.5 2.2 2 3.3-4.5',
  again: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.3v2.6h-2.6',
  close: 'm4 4 8 8m0-8-8 8',
} as const;
export type IconName = keyof typeof PATHS;

export const isIcon = (name: string): name is IconName => Object.hasOwn(PATHS, name);

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
