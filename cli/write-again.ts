// `recoup write-again`: lets mail go again to addresses that one came back from, or whose reader complained.
import { Command } from 'commander';
import { writeAgain } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

const run = (id: string, options: OperatorOptions): Promise<void> =>
  operateOn(id, options, { what: 'written to again' }, (deps, key, by, { now }) =>
    writeAgain(deps, key, by, now()),
  );

/** The command, ready to be added to the program. */
export const writeAgainCommand = (): Command =>
  withOperatorOptions(new Command('write-again'))
    .description('Lets mail go again to addresses that one came back from, or whose reader complained.')
    .action(run);
