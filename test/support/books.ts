// A store that holds some cases as they are: closed ones as they were put, open ones as if their customers were read.
import { createMemoryStore, type MemoryStoreOptions } from '../../adapters/memory/store.ts';
import type { Store } from '../../core/ports.ts';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import { summaryOf } from '../../core/reports/outcome.ts';
import type { ReportCase } from '../../core/reports/rows.ts';
import { monthOf, startOfMonth } from '../../core/time.ts';

/** The store. What a case came to is what `listCases` and `loadClosedCase` say, open or closed. */
export const storeOf = async (
  cases: readonly ReportCase[],
  options: MemoryStoreOptions = {},
): Promise<Store> => {
  const store = createMemoryStore(options);
  const open = new Map<string, CaseRecord>();
  for (const { record, adjustments } of cases) {
    if (record.closedAt === null) open.set(`${record.key} ${record.id}`, record);
    else await store.closeCase(record);
    for (const adjustment of adjustments) await store.putAdjustment(adjustment);
  }
  return {
    ...store,
    listCases: async (month, from = startOfMonth(month)) => [
      ...(await store.listCases(month, from)),
      ...[...open.values()]
        .filter(({ openedAt }) => monthOf(openedAt) === month && openedAt >= from)
        .map(summaryOf),
    ],
    loadClosedCase: async (key, id) => open.get(`${key} ${id}`) ?? store.loadClosedCase(key, id),
  };
};
