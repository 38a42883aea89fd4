// The simulated world: no law is broken whatever goes wrong, the same seed gives the same world, and the laws bite.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FAULTS } from '../../local/simulation/faults.ts';
import { simulate } from '../../local/simulation/simulate.ts';
import { POLICY } from '../support/runner.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('a simulated business', () => {
  test.each([1, 2, 3])('breaks no law without faults, seed %i', async (seed) => {
    const { violations, totals } = await simulate({
      customers: 100,
      days: 60,
      seed,
      faults: false,
      policy: POLICY,
    });
    expect(violations).toEqual([]);
    expect(Object.keys(totals)).toEqual(['JPY', 'KWD', 'USD']);
  });

  test.each([4, 5, 6])('breaks no law with faults, seed %i', async (seed) => {
    const { violations, events } = await simulate({
      customers: 150,
      days: 60,
      seed,
      faults: true,
      policy: POLICY,
    });
    expect(violations).toEqual([]);
    expect(events).toBeGreaterThan(1000);
  });

  test('the same seed gives the same world, to the byte', async () => {
    const world = () => simulate({ customers: 60, days: 60, seed: 7, faults: true, policy: POLICY });
    expect(JSON.stringify(await world())).toBe(JSON.stringify(await world()));
  });

  test('every kind of fault happens', async () => {
    const counts: Record<string, number> = {};
    for (const seed of [8, 9, 10]) {
      const { faults } = await simulate({ customers: 150, days: 90, seed, faults: true, policy: POLICY });
      for (const [name, count] of Object.entries(faults)) counts[name] = (counts[name] ?? 0) + count;
    }
    expect(FAULTS.filter((name) => !counts[name])).toEqual([]);
  });
});

describe('a planted fault in the code is caught', () => {
  const MUTANTS = [
    {
      name: 'a store that lets every writer win',
      file: 'adapters/memory/store.ts',
      from: 'if (version !== stored + 1)',
      to: 'if (version < 0)',
      law: 'no step twice',
    },
    {
      name: 'a visit that plans on what it read before a webhook wrote',
      file: 'core/workflows/visit-customer.ts',
      from: 'current = await deps.store.load(claimed.key, deps.now());\n      raced = true;',
      to: 'current = { ...current, version: (await deps.store.load(claimed.key, deps.now())).version };\n      raced = true;',
      law: 'no mail armed after the payment was recorded',
      seed: 2,
    },
    {
      name: 'an outbox that is not put after a crash',
      file: 'core/workflows/visit-customer.ts',
      from: '    await publish(deps, claimed);',
      to: '',
      law: 'every failed invoice is in the books exactly once',
    },
    {
      name: 'first payments in the books',
      file: 'core/recovery/settle.ts',
      from: "if (policy.firstPayments === 'ignore' && isFirstPayment(facts, invoice)) return [];",
      to: '',
      law: 'every failed invoice is in the books exactly once',
    },
    {
      name: 'late payments forgotten',
      file: 'core/recovery/close.ts',
      from: 'adjustments.push(...paymentEntry(customer, tombstone, entry, paid - tombstone.paidMinor));',
      to: '',
      law: 'the books are the provider’s',
    },
    {
      name: 'no daily look at an open case',
      file: 'core/recovery/plan.ts',
      from: 'let wakeAt = addMs(now, setting.heartbeatMs);',
      to: 'let wakeAt = addMs(now, setting.heartbeatMs * 30);',
      law: 'an open case is thought of within a day',
    },
  ];

  test.each(MUTANTS)('$name: $law', ({ file, from, to, law, seed = 1 }) => {
    const copy = mkdtempSync(join(tmpdir(), 'recoup-mutant-'));
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    for (const part of [
      'core',
      'adapters',
      'functions',
      'local',
      'cli',
      'emails',
      'policy.ts',
      'package.json',
    ]) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const source = readFileSync(join(copy, file), 'utf8');
    expect(source).toContain(from);
    writeFileSync(join(copy, file), source.replace(from, to));
    const args = [
      'simulate',
      '--customers',
      '300',
      '--days',
      '60',
      '--seed',
      String(seed),
      '--faults',
      '--json',
    ];
    const { stdout, status } = spawnSync(process.execPath, [join(copy, 'cli/main.ts'), ...args], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    const { violations } = JSON.parse(stdout) as { violations: { law: string }[] };
    expect(violations.map((violation) => violation.law)).toContain(law);
  });
});
