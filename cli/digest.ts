// `recoup digest`: the mail to finance about a week or a month, printed or written into a folder, and never sent.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { lastWhole, monthNamed, weekNamed, type DigestPeriod } from '../core/reports/digest-period.ts';
import type { Instant } from '../core/time.ts';
import { makeDigest } from '../core/workflows/make-digest.ts';
import { digestLetter } from '../web/digest/letter.ts';
import { writeFileOf } from './report-files.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';
import { UserError } from './user-error.ts';

type Options = StoreOptions & { readonly month?: string; readonly week?: string; readonly out?: string };

/** The period that is asked for; not told, the last month that is over. Throws {@link UserError}. */
const periodAsked = ({ month, week }: Options, now: Instant): DigestPeriod => {
  if (month !== undefined && week !== undefined) throw new UserError('write either --month or --week');
  const period =
    week !== undefined ? weekNamed(week) : month !== undefined ? monthNamed(month) : lastWhole('month', now);
  if (period === null) {
    throw new UserError(
      week === undefined
        ? `--month ${month}: write a month, such as 2026-03`
        : `--week ${week}: write a week of ISO 8601, such as 2026-W10`,
    );
  }
  if (period.from > now)
    throw new UserError(`${period.name} has not begun: it is ${now.slice(0, 10)} there; name one before it`);
  return period;
};

const makeFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UserError(
      `${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

/**
 * The digest that the options ask for: its text, or a line for each file that was written. Throws {@link
 * UserError}.
 */
export const answerDigest = async (
  { store, where, now }: Pick<StoreTarget, 'store' | 'where' | 'now'>,
  options: Options,
): Promise<readonly string[]> => {
  const at = now();
  const period = periodAsked(options, at);
  const { out } = options;
  const letter = digestLetter(await makeDigest(store, period, where, at), period.name, where);
  if (out === undefined) return [`Subject: ${letter.subject}\n\n${letter.text}`];
  await makeFolder(out);
  const files = [
    { name: `digest-${period.name}.txt`, content: letter.text },
    { name: `digest-${period.name}.html`, content: letter.html ?? '' },
    ...letter.files,
  ];
  for (const { name, content } of files) await writeFileOf(join(out, name), content);
  return files.map(({ name }) => join(out, name));
};

const run = (options: Options): Promise<void> =>
  withStore(options, async (target) => {
    for (const line of await answerDigest(target, options)) console.log(line);
  });

/** The command, ready to be added to the program. */
export const digestCommand = (): Command =>
  withStoreOptions(new Command('digest'))
    .description('The mail to finance about a week or a month, with its files. Nothing is sent.')
    .option('--month <month>', 'a month, such as 2026-03; the last that is over unless given')
    .option('--week <week>', 'a week of ISO 8601 instead, such as 2026-W10')
    .option('--out <folder>', 'write the mail and what is attached into this folder')
    .action(run);
