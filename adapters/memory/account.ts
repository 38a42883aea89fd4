// The port `Account` in memory: for tests, and for what has no real account behind it.
import type { Account, AccountList, AccountPage } from '../../core/ports.ts';

/** Who is on each list, and how it is to behave. */
export type MemoryAccountOptions = {
  readonly lists?: Readonly<Partial<Record<AccountList, AccountPage['customers']>>>;
  /** Customers a page; Stripe's pages hold 100 objects at most. */
  readonly pageSize?: number;
  /** Called before every page. What it throws, the read throws. */
  readonly fault?: (list: AccountList, after: string | null) => void | Promise<void>;
};

/**
 * An account whose lists stay as they are; empty unless they are given. Every connection sees the same one.
 */
export const createMemoryAccount = (options: MemoryAccountOptions = {}): Account => {
  const { lists = {}, pageSize = 100, fault = () => {} } = options;
  return {
    read: async (_, list, after) => {
      await fault(list, after);
      const all = lists[list] ?? [];
      const start = after === null ? 0 : all.findIndex(({ customerId }) => customerId === after) + 1;
      const customers = all.slice(start, start + pageSize);
      const isLast = start + pageSize >= all.length;
      return { customers, next: isLast ? null : (customers.at(-1)?.customerId ?? null) };
    },
  };
};
