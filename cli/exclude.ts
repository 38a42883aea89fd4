// `recoup exclude`: nothing of ours is sent to a customer or charged, now and at later failures, until it is taken back.
import { Command } from 'commander';
import { exclude } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

type Options = OperatorOptions & { readonly ahead?: boolean };

const run = (id: string, options: Options): Promise<void> => {
  const ahead = options.ahead === true;
  return operateOn(id, options, { what: 'excluded', unheard: ahead }, (deps, key, by, { now }) =>
    exclude(deps, key, ahead, by, now()),
  );
};

/** The command, ready to be added to the program. */
export const excludeCommand = (): Command =>
  withOperatorOptions(new Command('exclude'))
    .description('Sends a customer nothing and charges nothing, at future failures too, until resumed.')
    .option('--ahead', 'also somebody of whom nothing is known yet; the id is not checked')
    .action(run);
