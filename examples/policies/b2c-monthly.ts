// Consumers who pay monthly by card: the provider retries, mails go in the daytime, soft declines get a chance to heal.
import type { PolicyInput } from '../../core/recovery/policy.ts';
import defaultPolicy from '../../policy.ts';

const policy: PolicyInput = {
  ...defaultPolicy,
  sendWindow: { from: '08:00', to: '20:00' },
  silentHours: 72,
};

export default policy;
