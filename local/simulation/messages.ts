// Which messages ask for money, and which tell of what lies ahead.
const NOTICES: ReadonlySet<string> = new Set([
  'card-expiring',
  'card-expired',
  'renewal-notice',
  'trial-ending',
]);

export const isNotice = (message: string): boolean => NOTICES.has(message);

export const isAsking = (message: string): boolean => message !== 'recovered' && !isNotice(message);
