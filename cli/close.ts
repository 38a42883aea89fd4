// `recoup close`: ends what is open in our books, as lost or as withdrawn.
import { Command, Option } from 'commander';
import { close } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

type Options = OperatorOptions & { readonly as: 'lost' | 'withdrawn'; readonly invoice?: string };

const run = (id: string, options: Options): Promise<void> =>
  operateOn(id, options, { what: `closed as ${options.as}` }, (deps, key, by, { now }) =>
    close(deps, key, options.as, options.invoice ?? null, by, now()),
  );

/** The command, ready to be added to the program. */
export const closeCommand = (): Command =>
  withOperatorOptions(new Command('close'))
    .description(
      'Closes what is open, or one invoice of it, in our books. Nothing is changed at the provider.',
    )
    .addOption(
      new Option('--as <outcome>', 'what it counts as').choices(['lost', 'withdrawn']).makeOptionMandatory(),
    )
    .option('--invoice <id>', 'only this invoice')
    .action(run);
