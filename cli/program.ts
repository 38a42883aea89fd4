// What `recoup` does with its arguments: one file a command, each a thin door to the same workflows.
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { DamagedItemError, OutsideError } from '../core/ports.ts';
import { backfillCommand } from './backfill.ts';
import { caseCommand } from './case.ts';
import { checkPolicyCommand } from './check-policy.ts';
import { comparePoliciesCommand } from './compare-policies.ts';
import { closeCommand } from './close.ts';
import { digestCommand } from './digest.ts';
import { eraseCommand } from './erase.ts';
import { excludeCommand } from './exclude.ts';
import { exportCommand } from './export.ts';
import { holdCommand } from './hold.ts';
import { planDiffCommand } from './plan-diff.ts';
import { previewCommand } from './preview.ts';
import { reconcileCommand } from './reconcile.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { retryNowCommand } from './retry-now.ts';
import { revokeLinksCommand } from './revoke-links.ts';
import { sendTestCommand } from './send-test.ts';
import { simulateCommand } from './simulate.ts';
import { stuckCommand } from './stuck.ts';
import { UserError } from './user-error.ts';
import { tieOutCommand } from './tie-out.ts';
import { writeAgainCommand } from './write-again.ts';

const makeProgram = (): Command =>
  new Command('recoup')
    .description('Recovers failed subscription payments: staged reminders, honest figures.')
    .version(packageJson.version)
    .showHelpAfterError('(add --help for what it takes)')
    .addCommand(caseCommand())
    .addCommand(holdCommand())
    .addCommand(resumeCommand())
    .addCommand(excludeCommand())
    .addCommand(retryNowCommand())
    .addCommand(closeCommand())
    .addCommand(writeAgainCommand())
    .addCommand(revokeLinksCommand())
    .addCommand(eraseCommand())
    .addCommand(stuckCommand())
    .addCommand(tieOutCommand())
    .addCommand(checkPolicyCommand())
    .addCommand(comparePoliciesCommand())
    .addCommand(planDiffCommand())
    .addCommand(reconcileCommand())
    .addCommand(backfillCommand())
    .addCommand(replayCommand())
    .addCommand(reportCommand())
    .addCommand(digestCommand())
    .addCommand(exportCommand())
    .addCommand(previewCommand())
    .addCommand(sendTestCommand())
    .addCommand(simulateCommand());

/** Runs one command to its end; what a user can put right is told in words, with exit code 1. */
export const runCommand = async (args: readonly string[]): Promise<void> => {
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    // What the world outside answers says in words what to do, as what a user can put right does.
    const isTold =
      error instanceof UserError || error instanceof OutsideError || error instanceof DamagedItemError;
    if (!isTold) throw error;
    console.error(`recoup: ${error.message}`);
    process.exitCode = 1;
  }
};
