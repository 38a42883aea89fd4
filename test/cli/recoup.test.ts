// The command as a newcomer runs it: its output, its exit code.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReplayResult } from '../../local/replay.ts';
import { recoupHere, recoupIn } from '../support/recoup.ts';

const ROOT = join(import.meta.dirname, '../..');
const recoup = (...args: string[]) => recoupHere(tmpdir(), args);
/** In a process of its own, as everything above and below it is run in the end. */
const recoupAlone = (...args: string[]) => recoupIn(tmpdir(), args);
const folder = () => mkdtempSync(join(tmpdir(), 'recoup-'));
const EXAMPLES = join(ROOT, 'examples/events');
const SOFT_DECLINE = join(EXAMPLES, '01-soft-decline-recovers.jsonl');

describe('recoup replay examples/events', () => {
  test('--json tells every case, mail and total, refuses nothing, and --mails writes each mail', async () => {
    const dir = join(folder(), 'mails');
    const { status, stdout, stderr } = await recoupAlone('replay', EXAMPLES, '--mails', dir, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const { events, cases, emails, totals, ...rest } = JSON.parse(stdout) as ReplayResult;
    expect(rest).toEqual({});
    expect(events.refused).toEqual([]);
    expect(Object.fromEntries(cases.map(({ customer, outcome }) => [customer.slice(12), outcome]))).toEqual({
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
    for (const sums of Object.values(totals)) {
      expect(sums.recovered + sums.withdrawn + sums.lost + sums.open).toBe(sums.failed);
    }
    const files = readdirSync(dir);
    expect(files.filter((file) => file.endsWith('.html'))).toHaveLength(emails.length);
    expect(files.filter((file) => file.endsWith('.txt'))).toHaveLength(emails.length);
    const first = files.find((file) => file.endsWith('.txt'));
    expect(readFileSync(join(dir, first ?? ''), 'utf8')).toContain(`To: ${emails[0]?.to}`);
  });

  test('without --json a person reads money in its currency’s own form', async () => {
    const { status, stdout } = await recoup('replay', EXAMPLES, '--until', '1d');
    expect(status).toBe(0);
    for (const words of ['¥5,000', 'KWD 12.340', '€19.00', 'recovered', 'accepted', 'ignored']) {
      expect(stdout).toContain(words);
    }
  });

  test('--until 0d stops the clock at the last event', async () => {
    const file = join(folder(), 'failed.jsonl');
    writeFileSync(file, readFileSync(SOFT_DECLINE, 'utf8').split('\n').slice(0, 2).join('\n'));
    const { stdout } = await recoup('replay', file, '--until', '0d', '--json');
    const { cases, emails } = JSON.parse(stdout) as ReplayResult;
    expect([cases.map(({ outcome }) => outcome), emails]).toEqual([['open'], []]);
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
  ])('%s: one clear line and a non-zero exit', async (_what, args, words) => {
    const { status, stdout, stderr } = await recoup(...args());
    expect(status).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a process that is refused its input ends with the same line and a non-zero exit', async () => {
    const args = ['replay', join(folder(), 'nothing')];
    const ended = await recoupAlone(...args);
    expect(ended).toEqual(await recoup(...args));
    expect(ended.status).toBe(1);
    const unknown = await recoupAlone('resurrect');
    expect(unknown).toEqual(await recoup('resurrect'));
    expect(unknown.status).toBe(1);
  });

  test('a bad policy is refused with every fault: field, value, what to change', async () => {
    const policy = readFileSync(join(ROOT, 'policy.ts'), 'utf8')
      .replace("'support@example.com'", "'nobody'")
      .replace("timeZone: 'UTC'", "timeZone: 'Mars/Base'")
      .replace('delayDays: 7', 'delayDays: 2');
    const file = join(folder(), 'policy.ts');
    writeFileSync(file, policy);
    const { status, stderr } = await recoup('replay', EXAMPLES, '--policy', file);
    expect(status).toBe(1);
    expect(stderr).toContain('sender.replyTo = "nobody"');
    expect(stderr).toContain('timeZone = "Mars/Base"');
    expect(stderr).toContain('campaigns.2.steps.2.delayDays = 2');
    expect(stderr).toContain('the policy has 3 faults');
  });

  test('a copy of policy.ts anywhere else is a policy, and changes what is done', async () => {
    const file = join(folder(), 'policy.ts');
    writeFileSync(
      file,
      readFileSync(join(ROOT, 'policy.ts'), 'utf8').replace('delayDays: 1 }', 'delayDays: 2 }'),
    );
    const { status, stdout } = await recoupAlone('replay', SOFT_DECLINE, '--policy', file, '--json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as ReplayResult).emails[0]?.at).toBe('2026-09-02T09:00:00.000Z');
  });

  test('files that are no events are named, with their line, and the others are played', async () => {
    const dir = folder();
    const good = readFileSync(join(EXAMPLES, '09-paid-before-anybody-looked.jsonl'), 'utf8');
    writeFileSync(join(dir, 'a.jsonl'), `${good}{"broken\n\n`);
    writeFileSync(join(dir, 'b.json'), 'not json');
    writeFileSync(join(dir, 'c.json'), JSON.stringify({ object: 'list', data: [{ object: 'event' }] }));
    const { events, cases } = JSON.parse((await recoup('replay', dir, '--json')).stdout) as ReplayResult;
    expect(cases).toHaveLength(1);
    expect(events.refused.map(({ where }) => where)).toEqual(['a.jsonl:4', 'b.json', 'c.json[0]']);
  });
});

describe('help', () => {
  test.each([[['--help']], [['replay', '--help']]])(
    '%j tells what it takes and exits with 0',
    async (args) => {
      const { status, stdout } = await recoup(...args);
      expect(status).toBe(0);
      expect(stdout).toMatch(/Usage: recoup/);
    },
  );

  test('replay --help shows the default of --until as a person writes it', async () => {
    expect((await recoup('replay', '--help')).stdout).toContain('(default: 60d)');
  });
});
