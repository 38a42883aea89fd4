// The daily door of the export: an object a month, and what one that fails does to the others.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { DamagedItemError, type Store } from '../../core/ports.ts';
import { addMs, MINUTE_MS } from '../../core/time.ts';
import { makeExport, MONTHS_A_RUN, type ExportDeps } from '../../functions/export.ts';
import { at } from '../support/customers.ts';
import { unpacked } from '../support/exports.ts';
import { caseOf, movedAfter } from '../support/reports.ts';

const NOW = at('2026-03-21T04:00Z');

const setUp = async (changes: (store: Store) => Partial<ExportDeps> = () => ({})) => {
  const store = createMemoryStore();
  await store.closeCase(caseOf('old', [{ outcome: 'lost', failedAt: at('2025-01-31T23:59Z') }]).record);
  await store.closeCase(caseOf('first', [{ outcome: 'lost', failedAt: at('2025-02-01T00:00Z') }]).record);
  await store.closeCase(caseOf('last', [{ outcome: 'recovered', failedAt: at('2026-03-01T00:00Z') }]).record);
  await store.putAdjustment(movedAfter('first', 'payment', at('2026-03-20T09:00Z'), 1000));
  const objects = new Map<string, Uint8Array>();
  const put = async (name: string, body: Uint8Array): Promise<void> => void objects.set(name, body);
  return { store, objects, deps: { store, put, now: () => NOW, ...changes(store) } };
};

const nameOf = (month: string): string => `cases/v1/month=${month}.ndjson.gz`;

const casesOf = (body: Uint8Array | undefined): string[] =>
  body
    ? unpacked(body).map((line) => `${line.type} ${line.case_id}`)
    : expect.unreachable('there is an object');

describe('a run', () => {
  test('puts the present month and those before it, the newest first, each as a whole', async () => {
    const { deps, objects } = await setUp();
    const { months } = await makeExport(deps)();
    const names = [...objects.keys()];
    expect(names).toHaveLength(MONTHS_A_RUN);
    expect(names.slice(0, 4)).toEqual(['2026-03', '2026-02', '2026-01', '2025-12'].map(nameOf));
    expect(names.at(-1)).toBe(nameOf('2025-02'));
    expect(casesOf(objects.get(nameOf('2026-03')))).toEqual(['case case_last']);
    expect(casesOf(objects.get(nameOf('2025-02')))).toEqual(['case case_first', 'adjustment case_first']);
    expect(casesOf(objects.get(nameOf('2025-12')))).toEqual([]);
    expect(months[0]).toEqual({
      name: nameOf('2026-03'),
      lines: 1,
      bytes: objects.get(nameOf('2026-03'))?.byteLength,
    });
  });

  test('of the same cases puts the same bytes', async () => {
    const { deps, objects } = await setUp();
    await makeExport(deps)();
    const before = new Map(objects);
    await makeExport(deps)();
    for (const [name, body] of before) expect(Buffer.compare(body, objects.get(name) ?? Buffer.of())).toBe(0);
  });
});

describe('a month that cannot be exported', () => {
  test('holds up no other, keeps its object of before, and is named with the reason', async () => {
    const { deps, objects } = await setUp((store) => ({
      store: {
        ...store,
        loadCases: async (refs, now) => {
          if (refs.some(({ id }) => id === 'case_last'))
            throw new DamagedItemError('the case case_last cannot be read');
          return store.loadCases(refs, now);
        },
      },
    }));
    await expect(makeExport(deps)()).rejects.toThrow(
      /^not exported:\n2026-03: the case case_last cannot be read$/,
    );
    expect(objects.has(nameOf('2026-03'))).toBe(false);
    expect([...objects]).toHaveLength(MONTHS_A_RUN - 1);
  });

  test('for it is too large for one request is not put in part', async () => {
    const { deps, objects } = await setUp();
    await expect(makeExport(deps, 100)()).rejects.toThrow(
      /2026-03: it is larger than 0\.0001 MB: export it with/,
    );
    expect(objects.has(nameOf('2026-03'))).toBe(false);
    expect(objects.has(nameOf('2026-02'))).toBe(true);
  });

  test('for want of time is told: none is begun after twelve minutes', async () => {
    let now = NOW;
    const { deps, objects } = await setUp();
    const slow: ExportDeps = {
      ...deps,
      now: () => now,
      put: async (name, body) => {
        now = addMs(now, 5 * MINUTE_MS);
        return deps.put(name, body);
      },
    };
    await expect(makeExport(slow)()).rejects.toThrow(/2025-12: no time was left for it\n/);
    expect([...objects.keys()]).toEqual(['2026-03', '2026-02', '2026-01'].map(nameOf));
  });
});
