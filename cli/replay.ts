// `recoup replay`: plays recorded Stripe events through the real door and prints what would have happened.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { formatMoney, type Money } from '../core/money.ts';
import { parseDuration, type Instant } from '../core/time.ts';
import type { SentMail } from '../adapters/memory/outbox.ts';
import { readRecording, RecordingError } from '../local/recorded-events.ts';
import { replay, type ReplayResult } from '../local/replay.ts';
import { loadPolicy } from './load-policy.ts';
import { minute, plain, table } from './printed.ts';
import { UserError } from './user-error.ts';

type Options = {
  readonly until: number;
  readonly policy?: string;
  readonly mails?: string;
  readonly json?: boolean;
};

const duration = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Write a duration such as 90m, 12h, 3d or 2w.');
  return ms;
};

const day = (at: Instant | null): string => (at === null ? '-' : at.slice(0, 10));
const amounts = (all: readonly Money[]): string =>
  all.map((one) => formatMoney(one, 'en')).join(' + ') || '-';

const printed = ({ events, cases, emails, totals }: ReplayResult): string => {
  const parts: string[] = [];
  if (cases.length > 0) {
    const rows = cases.map((one) => [
      one.customer,
      one.outcome,
      day(one.openedAt),
      day(one.closedAt),
      amounts(one.failed),
      amounts(one.recovered),
      String(emails.filter((mail) => mail.case === one.id).length),
    ]);
    parts.push(table(['customer', 'outcome', 'opened', 'closed', 'failed', 'recovered', 'mails'], rows));
  }
  if (emails.length > 0) {
    const rows = emails.map((mail) => [minute(mail.at), mail.message, plain(mail.to), mail.subject]);
    parts.push(table(['sent (UTC)', 'message', 'to', 'subject'], rows));
  }
  const money = Object.entries(totals).map(([currency, sums]) => [
    currency,
    ...[sums.failed, sums.recovered, sums.withdrawn, sums.lost, sums.open].map((minor) =>
      formatMoney({ minor, currency }, 'en'),
    ),
  ]);
  if (money.length > 0)
    parts.push(table(['total', 'failed', 'recovered', 'withdrawn', 'lost', 'open'], money));
  const ignored = events.ignored.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    `Events: ${events.accepted} accepted, ${ignored} ignored, ${events.refused.length} refused.`,
  ];
  lines.push(
    ...events.ignored.map(
      ({ type, reason, count }) => `  ignored ${count} × ${plain(type)}: ${plain(reason)}`,
    ),
  );
  lines.push(...events.refused.map(({ where, reason }) => `  refused ${plain(where)}: ${plain(reason)}`));
  if (cases.length === 0) lines.unshift('No case was opened.');
  return [...parts, lines.join('\n')].join('\n\n');
};

const writeMails = async (dir: string, mails: readonly SentMail[]): Promise<void> => {
  await mkdir(dir, { recursive: true });
  for (const [i, mail] of mails.entries()) {
    const name = `${String(i + 1).padStart(4, '0')}-${mail.message}-${mail.caseId}`.slice(0, 120);
    const head = `To: ${mail.to}\nFrom: ${mail.from.name} <${mail.from.email}>\nReply-To: ${mail.replyTo}\nSubject: ${mail.subject}\n\n`;
    await writeFile(join(dir, `${name}.html`), mail.html);
    await writeFile(join(dir, `${name}.txt`), head + mail.text);
  }
};

const run = async (path: string, options: Options): Promise<void> => {
  const policy = await loadPolicy(options.policy);
  const recording = await readRecording(path).catch((error: unknown) => {
    throw error instanceof RecordingError ? new UserError(error.message) : error;
  });
  const showsProgress = process.stderr.isTTY;
  const { result, mails } = await replay({
    recording,
    policy,
    untilMs: options.until,
    trouble: (line) => console.error(`recoup: ${line}`),
    ...(showsProgress && { progress: (done, all) => process.stderr.write(`\r${done} of ${all} events`) }),
  });
  if (showsProgress) process.stderr.write('\r\u001B[K');
  if (options.mails !== undefined) {
    const dir = options.mails;
    await writeMails(dir, mails).catch((error: NodeJS.ErrnoException) => {
      throw new UserError(`${dir}: the mails cannot be written (${error.code ?? error.message})`);
    });
  }
  console.log(options.json ? JSON.stringify(result, null, 2) : printed(result));
};

/** The command, ready to be added to the program. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description(
      'Plays recorded Stripe events and shows the cases, mails and money they lead to. Nothing is sent.',
    )
    .argument('<path>', 'a folder, a .json or a .jsonl file of events, in any order')
    .addOption(
      new Option('--until <duration>', 'how long the clock runs on after the last event: 90m, 12h, 3d, 2w')
        .argParser(duration)
        .default(duration('60d'), '60d'),
    )
    .option('--policy <file>', 'a policy to try instead of policy.ts (.ts or .json)')
    .option('--mails <dir>', 'write every mail there, as .html and .txt')
    .option('--json', 'print everything as JSON')
    .action(run);
