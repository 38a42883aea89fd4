// The `recoup` command: one file a command, each a thin door to the same workflows.
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { replayCommand } from './replay.ts';
import { simulateCommand } from './simulate.ts';
import { UserError } from './user-error.ts';

const program = new Command('recoup')
  .description('Recovers failed subscription payments: staged reminders, honest figures.')
  .version(packageJson.version)
  .showHelpAfterError('(add --help for what it takes)')
  .addCommand(replayCommand())
  .addCommand(simulateCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`recoup: ${error.message}`);
  process.exitCode = 1;
}
