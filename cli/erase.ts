// `recoup erase`: forgets who a customer is, for good. Amounts stay.
import { Command } from 'commander';
import { erase } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

const run = (id: string, options: OperatorOptions): Promise<void> =>
  operateOn(id, options, { what: 'erased', unheard: true }, (deps, key, by, { now }) =>
    erase(deps, key, by, now()),
  );

/** The command, ready to be added to the program. */
export const eraseCommand = (): Command =>
  withOperatorOptions(new Command('erase'))
    .description('Forgets who a customer is, for good: nothing brings it back. Amounts stay.')
    .action(run);
