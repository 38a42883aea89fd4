// A ladder after Recurly's static retries, for comparison: a try every three days until the seventh decline.
// Source: docs.recurly.com/recurly-subscriptions/docs/static-retries: the tries end with 7 declines, 20
// attempts or 60 days, whichever is first; every 2 days after a gateway's error, every 3 days while the
// issuer or the processor is away. No fixed days for other soft declines were found; on larger plans a model
// chooses them. Assumed: every 3 days for all, the first decline counted as one of the seven, the mails of
// every ladder here, and the cancelled subscription (the end is a setting there: the subscription expires or
// stays; no default was found, nor how long dunning lasts unless it is set).
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';
import { ladder } from './ladder.ts';

const policy: PolicyInput = {
  ...defaultPolicy,
  retries: { owner: 'recoup', paydays: false },
  campaigns: ladder([3, 6, 9, 12, 15, 18]),
};

export default policy;
