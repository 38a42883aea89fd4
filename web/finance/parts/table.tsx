// A table of figures: what is shown, where a cell leads, and the same as CSV.
import type { ComponentChildren } from 'preact';
import { csvOf, type CsvCell } from './csv.ts';
import { saveText } from './save.ts';

/**
 * A cell. `csv`: what stands in the file; unless told, the text. `to`: where it leads. `mark`: before the text. `more`: after it.
 * `look`: a class of its own.
 */
export type Cell = {
  readonly text: string;
  readonly csv?: string;
  readonly to?: string | null;
  readonly mark?: ComponentChildren;
  readonly more?: ComponentChildren;
  readonly look?: string;
};

/** A head of a column. Figures stand at the end of their column. `to`: where the rows are sorted by it; `sort`: how they are. */
export type Head = {
  readonly text: string;
  readonly isFigure?: boolean;
  readonly to?: string;
  readonly sort?: 'ascending' | 'descending' | undefined;
};

export type TableData = {
  readonly caption: string;
  readonly heads: readonly Head[];
  /** The first cell is the row's head. */
  readonly rows: readonly (readonly Cell[])[];
  readonly foot?: readonly Cell[];
};

const Content = ({ cell }: { cell: Cell }) => (
  <>
    {cell.mark}
    {cell.to ? (
      <a href={cell.to}>
        <bdi>{cell.text}</bdi>
      </a>
    ) : (
      <bdi>{cell.text}</bdi>
    )}
    {cell.more}
  </>
);

const Row = ({ cells, heads }: { cells: readonly Cell[]; heads: readonly Head[] }) => (
  <tr>
    {cells.map((cell, i) =>
      i === 0 ? (
        <th key={i} scope="row">
          <Content cell={cell} />
        </th>
      ) : (
        <td
          key={i}
          class={`${heads[i]?.isFigure ? 'figure' : ''} ${cell.look ?? ''}`}
          data-head={heads[i]?.text}
        >
          <Content cell={cell} />
        </td>
      ),
    )}
  </tr>
);

type TableProps = {
  readonly data: TableData;
  /** Whether the caption is shown. */
  readonly shown?: boolean;
  /** Whether on a phone each row becomes a block, with the heads before its values. */
  readonly stacks?: boolean;
};

/** The table. What is wider than a phone moves sideways by itself; who has no mouse reaches it by the keyboard. */
export const Table = ({ data, shown = false, stacks = false }: TableProps) => (
  <div class="scroll" role="group" aria-label={data.caption} tabIndex={0}>
    <table class={stacks ? 'stacks' : ''}>
      <caption class={shown ? '' : 'unseen'}>{data.caption}</caption>
      <thead>
        <tr>
          {data.heads.map(({ text, isFigure, to, sort }) => (
            <th key={text} scope="col" class={isFigure ? 'figure' : ''} aria-sort={sort}>
              {to === undefined ? text : <a href={to}>{text}</a>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.rows.map((cells, i) => (
          <Row key={i} cells={cells} heads={data.heads} />
        ))}
      </tbody>
      {data.foot && (
        <tfoot>
          <Row cells={data.foot} heads={data.heads} />
        </tfoot>
      )}
    </table>
  </div>
);

const csvCell = ({ text, csv }: Cell): CsvCell => (csv === undefined ? { text } : { number: csv });

/** Saves a table as a file: `recoup-<name>.csv`. */
export const saveTable = (name: string, { heads, rows, foot }: TableData): void =>
  saveText(
    `recoup-${name}.csv`,
    csvOf(
      heads.map(({ text }) => text),
      [...rows, ...(foot ? [foot] : [])].map((cells) => cells.map(csvCell)),
    ),
  );
