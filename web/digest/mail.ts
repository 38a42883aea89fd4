// The HTML of a digest: tables and styles in place, for mail programs show no SVG, load no picture and drop style sheets.
import type { DayShare } from '../../core/reports/curve.ts';
import type { Digest, DigestCurrency } from '../../core/reports/digest.ts';
import { percent } from '../../core/reports/words.ts';
import { safe } from '../safe.ts';

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const TEXT = `${FONT};font-size:15px;line-height:1.5;color:#1f2933`;
const QUIET = `${FONT};font-size:13px;line-height:1.5;color:#52606d`;
const RECOVERED = '#0f766e';
const REST = '#dde3e8';

const paragraph = (text: string, style = TEXT): string =>
  `<p style="${style};margin:0 0 10px">${safe(text)}</p>`;

const heading = (level: 1 | 2, text: string): string =>
  `<h${level} style="${TEXT};font-size:${level === 1 ? 22 : 17}px;margin:${level === 1 ? 0 : 24}px 0 8px">${safe(text)}</h${level}>`;

/** A table that only puts things in their places, as a screen reader is told. */
const layout = (rows: string, style = ''): string =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse${style}"><tbody>${rows}</tbody></table>`;

const cell = (width: number, color: string): string =>
  width === 0
    ? ''
    : `<td width="${width}%" bgcolor="${color}" style="height:12px;line-height:12px;font-size:0">&nbsp;</td>`;

/** A bar of cells as wide as what they stand for. */
const bar = (share: number): string => {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return layout(`<tr>${cell(width, RECOVERED)}${cell(100 - width, REST)}</tr>`);
};

const curveRow = ({ day, share, low, high }: DayShare): string =>
  `<tr><th scope="row" align="left" style="${QUIET};font-weight:normal;padding:3px 8px 3px 0;white-space:nowrap">Day ${day}</th>
<td width="50%" aria-hidden="true">${bar(share)}</td>
<td align="right" style="${QUIET};padding:3px 0 3px 8px;white-space:nowrap">${percent(share)}</td>
<td align="right" style="${QUIET};padding:3px 0 3px 8px;white-space:nowrap">${percent(low)} to ${percent(high)}</td></tr>`;

const curveTable = ({ curve }: DigestCurrency): string =>
  curve.length === 0
    ? ''
    : `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:12px 0">
<caption style="${QUIET};text-align:left">Recovered by so many days after the failure, with the 95 % interval</caption>
<tbody>
${curve.map(curveRow).join('\n')}
</tbody>
</table>`;

const currencyPart = (told: DigestCurrency): string =>
  [
    heading(2, told.currency),
    paragraph(told.headline, `${TEXT};font-weight:bold`),
    ...told.sentences.map((text) => paragraph(text)),
    curveTable(told),
  ].join('\n');

const alertsPart = (alerts: Digest['alerts']): string =>
  alerts.length === 0
    ? ''
    : layout(
        `<tr><td style="padding:12px 14px;border-left:4px solid #b45309;background:#fff7ed">${alerts
          .map(({ says, lookAt }) => paragraph(says, `${TEXT};font-weight:bold`) + paragraph(lookAt))
          .join('\n')}</td></tr>`,
        ';margin:16px 0',
      );

/**
 * A digest as the HTML of a mail: `attached` names the files that go with it. Pure; what comes from outside
 * comes out as text.
 */
export const digestHtml = (digest: Digest, attached: readonly string[]): string => {
  const { subject, title, about, alerts, currencies, lifts, foot } = digest;
  const main = [
    heading(1, title),
    paragraph(about, QUIET),
    alertsPart(alerts),
    currencies.length === 0
      ? paragraph('No payment failed in that time.')
      : currencies.map(currencyPart).join('\n'),
    ...lifts.map((text) => paragraph(text)),
    attached.length === 0 ? '' : paragraph(`Attached: ${attached.join(', ')}.`),
    paragraph(foot, QUIET),
  ].filter(Boolean);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(subject)}</title>
</head>
<body style="margin:0;padding:0;background:#ffffff">
${layout(`<tr><td style="padding:20px"><div style="max-width:640px">
${main.join('\n').replaceAll(' %', '\u00A0%')}
</div></td></tr>`)}
</body>
</html>
`;
};
