// `recoup revoke-links`: the links in the mails that a customer has got lead nowhere any more.
import { Command } from 'commander';
import { revokeLinks } from '../core/workflows/operate.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';

const run = (id: string, options: OperatorOptions): Promise<void> =>
  operateOn(id, options, { what: 'links revoked' }, (deps, key, by, { now }) =>
    revokeLinks(deps, key, by, now()),
  );

/** The command, ready to be added to the program. */
export const revokeLinksCommand = (): Command =>
  withOperatorOptions(new Command('revoke-links'))
    .description(
      'Makes the links in all mails of a customer so far lead nowhere. The next mail has new ones.',
    )
    .action(run);
