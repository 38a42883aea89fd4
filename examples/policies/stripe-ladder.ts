// The ladder of Stripe's recommended smart retries, for comparison: up to 8 tries in two weeks, then the subscription is cancelled.
// Source: docs.stripe.com/billing/revenue-recovery/smart-retries.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';
import { ladder } from './ladder.ts';

const policy: PolicyInput = {
  ...defaultPolicy,
  retries: { owner: 'recoup', paydays: false },
  campaigns: ladder([1, 3, 5, 7, 9, 11, 14]),
};

export default policy;
