// What `npx cdk` runs: the stages of lib/config.ts with the policy of policy.ts.
import { join } from 'node:path';
import { PolicyError } from '../core/recovery/policy.ts';
import policy from '../policy.ts';
import config from './config.ts';
import { createRecoupApp } from './recoup-app.ts';
import { SettingsError } from './settings.ts';

const bundles = join(import.meta.dirname, '..', 'dist');

try {
  createRecoupApp({ policy, stages: config, bundles }).synth();
} catch (error) {
  // What an operator wrote is answered in words; for all else the stack trace helps more.
  if (!(error instanceof SettingsError || error instanceof PolicyError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
