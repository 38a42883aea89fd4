// `recoup hold`: a promised payment. Nothing of ours is sent or charged before its date; on the date it is tried once.
import { Command } from 'commander';
import { endOfLocalDay, parseInstant, type Instant } from '../core/time.ts';
import { hold } from '../core/workflows/operate.ts';
import { loadPolicy } from './load-policy.ts';
import { operateOn, withOperatorOptions, type OperatorOptions } from './operator.ts';
import { plain } from './printed.ts';
import { UserError } from './user-error.ts';

type Options = OperatorOptions & { readonly until: string };

/** The moment that is meant: a day is meant to its end, in the policy's zone. Throws {@link UserError}. */
const momentOf = (text: string, timeZone: string): Instant => {
  const at = endOfLocalDay(text, timeZone) ?? parseInstant(text);
  if (at !== null) return at;
  throw new UserError(
    `--until "${plain(text)}" is no date: write 2026-12-04 (to the end of that day in ${timeZone}) or 2026-12-04T12:00:00Z`,
  );
};

const run = async (id: string, options: Options): Promise<void> => {
  const policy = await loadPolicy(undefined);
  const until = momentOf(options.until, policy.timeZone);
  await operateOn(id, options, { what: `on hold until ${until}` }, (deps, key, by, { now }) =>
    hold({ ...deps, policy }, key, until, by, now()),
  );
};

/** The command, ready to be added to the program. */
export const holdCommand = (): Command =>
  withOperatorOptions(new Command('hold'))
    .description('Holds everything of one customer back until a date, such as that of a promised payment.')
    .requiredOption('--until <date>', 'a day, to its end in the policy’s zone, or an instant')
    .action(run);
