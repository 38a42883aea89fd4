// How the report looks: one calm sheet, light and dark, on a phone, at a desk and on A4 paper.

/**
 * Text, grounds and pictures in both schemes: the tests hold text to a contrast of 4.5 to 1, pictures to 3
 * to 1.
 */
export const COLOURS = {
  light: {
    ground: '#f6f7f6',
    sheet: '#ffffff',
    ink: '#17211d',
    quiet: '#55625c',
    line: '#dfe4e1',
    told: '#e7f1ec',
    link: '#14634a',
    recovered: '#2a8c64',
    lost: '#c9564d',
    withdrawn: '#7d8593',
    open: '#b07a14',
    band: '#d4e9df',
  },
  dark: {
    ground: '#121614',
    sheet: '#1a1f1d',
    ink: '#e8edea',
    quiet: '#a3b0aa',
    line: '#303834',
    told: '#1d2b25',
    link: '#7fd0ae',
    recovered: '#3f9f78',
    lost: '#d9685f',
    withdrawn: '#868d99',
    open: '#c38f2a',
    band: '#244437',
  },
} as const;

const variables = (scheme: keyof typeof COLOURS): string =>
  Object.entries(COLOURS[scheme])
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

const SCREEN = `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}
header,main,footer{max-width:64rem;margin:0 auto;padding:0 1rem}
header{padding-top:2rem}
footer{padding-top:1rem;padding-bottom:3rem}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 .375rem;text-wrap:balance}
h2{font-size:1.375rem;line-height:1.25;letter-spacing:-.01em;margin:2.5rem 0 .75rem}
h3{font-size:1.0625rem;line-height:1.3;margin:0 0 .25rem}
p{margin:0 0 .75rem;max-width:46rem;text-wrap:pretty}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav{margin:1rem 0 0}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:0;padding:0}
nav a{display:inline-block;padding:.25rem 0}
.quiet,small{color:var(--quiet);font-size:.875rem}
.card{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:0 0 1rem}
.card>:last-child{margin-bottom:0}
.lead{font-size:1.125rem;line-height:1.45}
.lead b{font-size:2.25rem;line-height:1.1;letter-spacing:-.02em;display:block;font-variant-numeric:tabular-nums}
.says{font-size:1.125rem;font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1rem;margin:0 0 1rem}
.tiles>div{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1rem 1.125rem}
.tiles dt{color:var(--quiet);font-size:.875rem}
.tiles dd{margin:0;font-size:.875rem;line-height:1.4}
.tiles .big{font-size:1.5rem;line-height:1.3;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.pair{display:grid;gap:1.25rem;align-items:start}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9375rem}
caption{text-align:start;color:var(--quiet);font-size:.875rem;padding-bottom:.375rem}
th,td{text-align:start;vertical-align:baseline;padding:.4375rem .75rem .4375rem 0;border-top:1px solid var(--line);font-weight:400}
th:last-child,td:last-child{padding-inline-end:0}
thead th{border-top:0;color:var(--quiet);font-size:.8125rem;vertical-align:bottom}
tfoot th,tfoot td{font-weight:600}
td,thead th+th{text-align:end}
td{white-space:nowrap}
.key{display:inline-block;width:.6875rem;height:.6875rem;border-radius:2px;margin-inline-end:.5rem}
*+.key{margin-inline-start:.75rem}
svg{display:block;width:100%;height:auto;overflow:visible}
.bar{margin-top:.25rem;height:.375rem;min-width:4rem;background:var(--line)}
.whole{height:1.25rem;margin-bottom:1rem}
svg text{font:13px system-ui,sans-serif;fill:var(--quiet);font-variant-numeric:tabular-nums}
svg .end{text-anchor:end}
svg .mid{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1;fill:none}
.curve{stroke:var(--recovered);stroke-width:2.25;fill:none;stroke-linejoin:round}
.band{fill:var(--band)}
.recovered{fill:var(--recovered)}.key.recovered{background:var(--recovered)}
.lost{fill:var(--lost)}.key.lost{background:var(--lost)}
.withdrawn{fill:var(--withdrawn)}.key.withdrawn{background:var(--withdrawn)}
.open{fill:var(--open)}.key.open{background:var(--open)}
.means{display:grid;gap:.75rem 2rem;margin:0}
.means dt{font-weight:600}
.means dd{margin:0;color:var(--quiet);font-size:.9375rem}
.list{font-size:.8125rem}
.list td,.list thead th+th{text-align:start}
.list th{white-space:nowrap}
.list td:last-child{white-space:normal;min-width:10rem}
.list :is(td,th):is(:nth-child(5),:nth-child(6)){text-align:end}
@media (max-width:34rem){header,main,footer{padding-inline:.75rem}.card{padding:1rem .875rem}.card>table,.pair table{font-size:.8125rem}:is(.card>table,.pair table) :is(th,td){white-space:normal;padding-inline-end:.4rem}
.bar{min-width:2rem}.lead b{font-size:1.875rem}}
@media (max-width:22rem){.card>table,.pair table,:is(.card>table,.pair table) thead th{font-size:.75rem}}
@media (min-width:48rem){header,main,footer{padding-inline:1.5rem}header{padding-top:3rem}.pair,.means{grid-template-columns:1fr 1fr;column-gap:2.5rem}}
`;

/**
 * Ink on paper, whatever the screen was; a card, a row and a picture stay on one page, a heading with what
 * follows.
 */
const PAPER = `@page{size:A4;margin:14mm 15mm 16mm}
@media print{:root{color-scheme:light;${variables('light')};--ground:#fff}
*{print-color-adjust:exact}
body{font-size:9.5pt}
header,main,footer{max-width:none;padding:0}
nav{display:none}
h1{font-size:19pt}h2{font-size:14pt;margin:18pt 0 6pt}h2,h3,caption{break-after:avoid}
.card,.tiles>div{border-radius:4pt;padding:9pt 10pt;margin-bottom:8pt}
.tiles{gap:8pt;margin-bottom:8pt;grid-template-columns:repeat(3,1fr)}.tiles>div{margin:0}
.card,.tiles>div,tr,figure,svg,.means div{break-inside:avoid}
.card.long{break-inside:auto}
.lead b{font-size:24pt}.tiles .big{font-size:13pt}
.pair,.means{grid-template-columns:1fr 1fr;column-gap:16pt}
table{font-size:8.5pt}thead th,caption,.quiet,small,.tiles :is(dt,dd),.means :is(dt,dd){font-size:8pt}
.lead,.says{font-size:11pt}
th,td{padding-block:2.5pt}
thead{display:table-header-group}
.list{font-size:7pt}
.scroll{overflow:visible}
.currency{break-before:page}
a{color:inherit;text-decoration:none}}
`;

/** The whole sheet. */
export const STYLE = SCREEN + PAPER;
