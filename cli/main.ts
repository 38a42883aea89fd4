// The `recoup` command: one file a command, each a thin door to the same workflows.
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { OutsideError } from '../core/ports.ts';
import { reconcileCommand } from './reconcile.ts';
import { replayCommand } from './replay.ts';
import { simulateCommand } from './simulate.ts';
import { stuckCommand } from './stuck.ts';
import { UserError } from './user-error.ts';

const program = new Command('recoup')
  .description('Recovers failed subscription payments: staged reminders, honest figures.')
  .version(packageJson.version)
  .showHelpAfterError('(add --help for what it takes)')
  .addCommand(stuckCommand())
  .addCommand(reconcileCommand())
  .addCommand(replayCommand())
  .addCommand(simulateCommand());

try {
  await program.parseAsync();
} catch (error) {
  // What the world outside answers says in words what to do, as what a user can put right does.
  if (!(error instanceof UserError || error instanceof OutsideError)) throw error;
  console.error(`recoup: ${error.message}`);
  process.exitCode = 1;
}
