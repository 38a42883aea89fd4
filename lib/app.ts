// What `npx cdk` runs: the stages of lib/config.ts with the policy of policy.ts.
import { join } from 'node:path';
import policy from '../policy.ts';
import config from './config.ts';
import { createRecoupApp } from './recoup-app.ts';

const bundles = join(import.meta.dirname, '..', 'dist');

createRecoupApp({ policy, stages: config, bundles }).synth();
