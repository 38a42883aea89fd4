// The ladder of Maxio (Chargify), for comparison: tries on days 1, 2, 5 and 8, then the subscription is cancelled.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';
import { ladder } from './ladder.ts';

const policy: PolicyInput = {
  ...defaultPolicy,
  retries: { owner: 'recoup', paydays: false },
  campaigns: ladder([1, 2, 5, 8]),
};

export default policy;
