// The shipped policy without what is for one kind alone: three campaigns in a known order, for tests that count them.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import shipped from '../../policy.ts';

const plainPolicy: PolicyInput = {
  ...shipped,
  campaigns: shipped.campaigns.filter(({ kind }) => kind === undefined),
  notices: [],
};

export default plainPolicy;
