// A sheet with a chart, the same as a table, and the table as CSV.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useShell } from '../words.ts';
import { Button, Card } from './basics.tsx';
import { CsvButton } from './csv-button.tsx';
import type { Definition } from './help.tsx';
import { Table, type TableData } from './table.tsx';

type ChartPanelProps = {
  readonly title: string;
  readonly help?: Definition;
  /** Of the file that is saved: letters, digits and hyphens. */
  readonly name: string;
  readonly table: TableData;
  /** The chart for so many pixels; null = there is nothing to draw. */
  readonly chart: (width: number) => ComponentChildren;
  /** Under the chart: what its colours mean. */
  readonly legend?: ComponentChildren;
  /** Said in place of chart and table. */
  readonly nothing?: string | null;
};

const USUAL_WIDTH = 560;

/** The width of an element, as it changes. */
export const useWidth = () => {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(USUAL_WIDTH);
  useLayoutEffect(() => {
    if (element.current === null) return undefined;
    const watch = new ResizeObserver(([entry]) => {
      const wide = Math.round(entry?.contentRect.width ?? 0);
      if (wide > 0) setWidth(wide);
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  return { element, width };
};

const Drawn = ({ chart }: { chart: (width: number) => ComponentChildren }) => {
  const { element, width } = useWidth();
  return (
    <div class="drawn" ref={element}>
      {chart(width)}
    </div>
  );
};

export const ChartPanel = ({ title, help, name, table, chart, legend, nothing }: ChartPanelProps) => {
  const say = useShell();
  const [asTable, setAsTable] = useState(false);
  const actions = (
    <>
      <Button
        look="quiet"
        icon={asTable ? 'chart' : 'table'}
        label={say(asTable ? 'as_chart' : 'as_table', { title })}
        onClick={() => setAsTable(!asTable)}
      >
        <span>{say(asTable ? 'chart' : 'table')}</span>
      </Button>
      <CsvButton title={title} name={name} table={table} />
    </>
  );
  return (
    <Card title={title} {...(help && { help })} actions={nothing ? null : actions} look="panel">
      {nothing ? (
        <p class="quiet">{nothing}</p>
      ) : asTable ? (
        <Table data={table} />
      ) : (
        <>
          <Drawn chart={chart} />
          {legend}
        </>
      )}
    </Card>
  );
};
