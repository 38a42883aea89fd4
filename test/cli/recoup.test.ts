// The command as a newcomer runs it: a process of its own, its output, its exit code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReplayResult } from '../../local/replay.ts';

const ROOT = join(import.meta.dirname, '../..');
const recoup = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'cli/recoup.mjs'), ...args], {
    encoding: 'utf8',
    cwd: tmpdir(),
  });
  return { status, stdout, stderr };
};
const folder = () => mkdtempSync(join(tmpdir(), 'recoup-'));
const EXAMPLES = join(ROOT, 'examples/events');

describe('recoup replay examples/events', () => {
  test('--json tells every case, mail and total of the examples, and refuses nothing', () => {
    const { status, stdout, stderr } = recoup('replay', EXAMPLES, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout) as ReplayResult;
    expect(Object.keys(result)).toEqual(['events', 'cases', 'emails', 'totals']);
    expect(result.events.refused).toEqual([]);
    expect(
      Object.fromEntries(result.cases.map(({ customer, outcome }) => [customer.slice(12), outcome])),
    ).toEqual({
      ada: 'recovered',
      jun: 'recovered',
      zofia: 'recovered',
      omar: 'lost',
      mia: 'withdrawn',
      lin: 'recovered',
      tom: 'recovered',
      ben: 'recovered',
      kai: 'recovered',
      pia: 'withdrawn',
    });
    for (const sums of Object.values(result.totals)) {
      expect(sums.recovered + sums.withdrawn + sums.lost + sums.open).toBe(sums.failed);
    }
  });

  test('without --json a person reads money in its currency’s own form', () => {
    const { status, stdout } = recoup('replay', EXAMPLES);
    expect(status).toBe(0);
    for (const words of ['¥5,000', 'KWD 12.340', '€19.00', 'recovered', 'accepted', 'ignored']) {
      expect(stdout).toContain(words);
    }
  });

  test('--mails writes each mail as .html and .txt', () => {
    const dir = join(folder(), 'mails');
    const { status, stdout } = recoup('replay', EXAMPLES, '--mails', dir, '--json');
    expect(status).toBe(0);
    const files = readdirSync(dir);
    const { emails } = JSON.parse(stdout) as ReplayResult;
    expect(files.filter((file) => file.endsWith('.html'))).toHaveLength(emails.length);
    expect(files.filter((file) => file.endsWith('.txt'))).toHaveLength(emails.length);
    const first = files.find((file) => file.endsWith('.txt'));
    expect(readFileSync(join(dir, first ?? ''), 'utf8')).toContain(`To: ${emails[0]?.to}`);
  });

  test('--until 0d stops the clock at the last event', () => {
    const { cases } = JSON.parse(
      recoup('replay', join(EXAMPLES, '01-soft-decline-recovers.jsonl'), '--until', '0d', '--json').stdout,
    ) as ReplayResult;
    expect(cases).toHaveLength(1);
  });
});

describe('bad input', () => {
  test.each([
    ['a path that is not there', () => ['replay', join(folder(), 'nothing')], /no such file or folder/],
    ['a folder without events', () => ['replay', folder()], /no \.json/],
    ['a duration nobody understands', () => ['replay', EXAMPLES, '--until', 'soon'], /90m, 12h, 3d or 2w/],
    [
      'a policy that is not there',
      () => ['replay', EXAMPLES, '--policy', 'nowhere.ts'],
      /no such policy file/,
    ],
    ['a command that does not exist', () => ['resurrect'], /unknown command/],
  ])('%s: one clear line and a non-zero exit', (_what, args, words) => {
    const { status, stdout, stderr } = recoup(...args());
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a bad policy is refused with every fault: field, value, what to change', () => {
    const policy = readFileSync(join(ROOT, 'policy.ts'), 'utf8')
      .replace("'support@example.com'", "'nobody'")
      .replace("timeZone: 'UTC'", "timeZone: 'Mars/Base'")
      .replace('delayDays: 7', 'delayDays: 2');
    const file = join(folder(), 'policy.ts');
    writeFileSync(file, policy);
    const { status, stderr } = recoup('replay', EXAMPLES, '--policy', file);
    expect(status).toBe(1);
    expect(stderr).toContain('sender.replyTo = "nobody"');
    expect(stderr).toContain('timeZone = "Mars/Base"');
    expect(stderr).toContain('campaigns.0.steps.2.delayDays = 2');
    expect(stderr).toContain('the policy has 3 faults');
  });

  test('a copy of policy.ts anywhere else is a policy, and changes what is done', () => {
    const file = join(folder(), 'policy.ts');
    writeFileSync(
      file,
      readFileSync(join(ROOT, 'policy.ts'), 'utf8').replace('delayDays: 1 }', 'delayDays: 2 }'),
    );
    const { status, stdout } = recoup(
      'replay',
      join(EXAMPLES, '01-soft-decline-recovers.jsonl'),
      '--policy',
      file,
      '--json',
    );
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as ReplayResult).emails[0]?.at).toBe('2026-09-02T09:00:00.000Z');
  });

  test('files that are no events are named, with their line, and the others are played', () => {
    const dir = folder();
    const good = readFileSync(join(EXAMPLES, '09-paid-before-anybody-looked.jsonl'), 'utf8');
    writeFileSync(join(dir, 'a.jsonl'), `${good}{"broken\n\n`);
    writeFileSync(join(dir, 'b.json'), 'not json');
    writeFileSync(join(dir, 'c.json'), JSON.stringify({ object: 'list', data: [{ object: 'event' }] }));
    const { events, cases } = JSON.parse(recoup('replay', dir, '--json').stdout) as ReplayResult;
    expect(cases).toHaveLength(1);
    expect(events.refused.map(({ where }) => where)).toEqual(['a.jsonl:4', 'b.json', 'c.json[0]']);
  });
});

describe('help', () => {
  test.each([[['--help']], [['replay', '--help']]])('%j tells what it takes and exits with 0', (args) => {
    const { status, stdout } = recoup(...args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Usage: recoup/);
  });

  test('replay --help shows the default of --until as a person writes it', () => {
    expect(recoup('replay', '--help').stdout).toContain('(default: 60d)');
  });
});
