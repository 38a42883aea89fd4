// The ladder of Polar, for comparison: tries on days 2, 7, 14 and 21, then the subscription is cancelled.
// Sources: DUNNING_RETRY_INTERVALS in server/polar/config.py of github.com/polarsource/polar (2, 5, 7 and 7
// days, each after the one before), and polar.sh/docs/features/subscriptions/failed-payments, which says the
// same. Left out: Polar tries at once when the method is replaced. Assumed: the mails, which are those of
// every ladder here (Polar's page tells of one, at the failure), and the notice of three days before the end,
// where Polar ends the subscription with the last try.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';
import { ladder } from './ladder.ts';

const policy: PolicyInput = {
  ...defaultPolicy,
  retries: { owner: 'recoup', paydays: false },
  campaigns: ladder([2, 7, 14, 21]),
};

export default policy;
