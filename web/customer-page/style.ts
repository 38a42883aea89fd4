// How the customer's page looks: one sheet, light and dark, for a small screen first.

/** Text and ground in both schemes: the tests hold them to a contrast of 4.5 to 1. */
export const COLOURS = {
  light: {
    ground: '#f6f7f6',
    sheet: '#ffffff',
    ink: '#1b2420',
    quiet: '#55615b',
    line: '#d3dad6',
    act: '#1f5f4a',
    'on-act': '#ffffff',
    told: '#e6f1ec',
  },
  dark: {
    ground: '#131816',
    sheet: '#1c2320',
    ink: '#eaf0ed',
    quiet: '#a9b6af',
    line: '#3a4540',
    act: '#8fd3b8',
    'on-act': '#10231b',
    told: '#20352c',
  },
} as const;

const variables = (scheme: keyof typeof COLOURS): string =>
  Object.entries(COLOURS[scheme])
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

/** The whole sheet. A change of it changes its hash in the policy that lets it in. */
export const STYLE = `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:38rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem;font-weight:600;color:var(--quiet)}
section>:last-child{margin-bottom:0}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem;text-wrap:balance}
h2{font-size:1.15rem;line-height:1.3;margin:0 0 .25rem}
p{margin:0 0 .75rem}
h1:lang(zh),p,small{text-wrap:pretty}
h1:lang(ja),h2:lang(ja),button:lang(ja){word-break:auto-phrase}
section{background:var(--sheet);border:1px solid var(--line);border-radius:.75rem;padding:1.125rem;margin:1rem 0}
.told{background:var(--told);border-inline-start:.25rem solid var(--act);border-radius:.5rem;padding:.75rem 1rem}
.quiet,small{color:var(--quiet);font-size:.9375rem}
small{display:block;margin-top:.375rem}
table{border-collapse:collapse;width:100%}
caption{text-align:start;font-weight:600;margin-bottom:.25rem}
th,td{text-align:start;padding:.5rem 0;border-top:1px solid var(--line);font-weight:400}
thead th{border-top:0;color:var(--quiet);font-size:.9375rem}
td,th:last-child{text-align:end;font-variant-numeric:tabular-nums;padding-inline-start:1rem;white-space:nowrap}
tfoot th,tfoot td{font-weight:600}
form{margin:.75rem 0 0}
main>form:last-child{margin-bottom:1.25rem}
fieldset{border:0;margin:0 0 1rem;padding:0}
legend{padding:0;font-weight:600;margin-bottom:.25rem}
.choice{display:flex;gap:.625rem;align-items:center;min-height:2.75rem}
.choice input{width:1.25rem;height:1.25rem;flex:none;accent-color:var(--act)}
.field{margin:0 0 1rem}
.field label{display:block;font-weight:600;margin-bottom:.25rem}
input[type=date],textarea{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--quiet);
border-radius:.5rem;padding:.5rem .75rem;width:100%;min-height:2.75rem}
input[type=date]{max-width:14rem}
button{font:inherit;font-weight:600;width:100%;min-height:3rem;padding:.625rem 1rem;border-radius:.5rem;cursor:pointer;
background:var(--act);color:var(--on-act);border:2px solid var(--act)}
button.second{background:transparent;color:var(--act)}
a{color:var(--act)}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
form:not(:has([value=promise]:checked)) .when{display:none}
footer{padding-top:.25rem;padding-bottom:2rem}
@media (min-width:40rem){button{width:auto}header{padding-top:3rem}}
`;
