// `recoup resume`: takes a hold or an exclusion back.
import { Command } from 'commander';
import { resume } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

const run = (id: string, options: OperatorOptions): Promise<void> =>
  operateOn(id, options, { what: 'resumed' }, (deps, key, by, { now }) => resume(deps, key, by, now()));

/** The command, ready to be added to the program. */
export const resumeCommand = (): Command =>
  withOperatorOptions(new Command('resume'))
    .description('Takes a hold or an exclusion back: the campaigns go on from where they stood.')
    .action(run);
