// `recoup retry-now`: asks for one try of what is open, as soon as the limits allow.
import { Command } from 'commander';
import { retryNow } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

type Options = OperatorOptions & { readonly invoice?: string };

const run = (id: string, options: Options): Promise<void> =>
  operateOn(id, options, { what: 'a try is asked for' }, (deps, key, by, { now }) =>
    retryNow(deps, key, options.invoice ?? null, by, now()),
  );

/** The command, ready to be added to the program. */
export const retryNowCommand = (): Command =>
  withOperatorOptions(new Command('retry-now'))
    .description('Asks for one try of every open invoice, or of one, as soon as the networks’ limits allow.')
    .option('--invoice <id>', 'only this invoice')
    .action(run);
