// The button that saves figures as CSV, the same wherever there are any.
import { useShell } from '../words.ts';
import { Button } from './basics.tsx';
import { saveTable, type TableData } from './table.tsx';

/** Saves in a way of its own. `title`: what is saved. */
export const SaveButton = ({ title, onClick }: { title: string; onClick: () => void }) => {
  const say = useShell();
  return (
    <Button look="quiet" icon="download" label={say('as_csv', { title })} onClick={onClick}>
      <span>{say('csv')}</span>
    </Button>
  );
};

type CsvButtonProps = { readonly title: string; readonly name: string; readonly table: TableData };

/** Saves a table. `name`: of the file. */
export const CsvButton = ({ title, name, table }: CsvButtonProps) => (
  <SaveButton title={title} onClick={() => saveTable(name, table)} />
);
