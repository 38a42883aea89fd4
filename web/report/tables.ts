// Tables of a report: heads with their scope, and each table with the words that it is under.
import { safe } from '../safe.ts';

/** A row: its head and its cells, as HTML that is safe. */
export type Row = { readonly head: string; readonly cells: readonly string[] };

const rowHtml = ({ head, cells }: Row): string =>
  `<tr><th scope="row">${head}</th>${cells.map((html) => `<td>${html}</td>`).join('')}</tr>`;

/**
 * A table: heads, and rows of which all but the first cell are figures. `caption` is HTML that is safe,
 * `foot` the row of the whole.
 */
export const table = (caption: string, heads: readonly string[], rows: readonly Row[], foot?: Row): string =>
  `<table><caption>${caption}</caption>
<thead><tr>${heads.map((title) => `<th scope="col">${safe(title)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(rowHtml).join('\n')}
</tbody>${foot === undefined ? '' : `<tfoot>${rowHtml(foot)}</tfoot>`}</table>`;

/** What is wider than a phone moves sideways by itself; who has no mouse reaches it by the keyboard. */
export const scrolling = (name: string, html: string): string =>
  `<div class="scroll" role="group" aria-label="${safe(name)}" tabindex="0">${html}</div>`;

/** A heading with what stands under it, on a sheet of its own. */
export const card = (title: string, html: string, look = 'card'): string =>
  `<section class="${look}"><h3>${safe(title)}</h3>${html}</section>`;
