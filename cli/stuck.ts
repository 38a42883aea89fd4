// `recoup stuck`: what was set aside for a person, and how it goes back to the clock.
import { Command } from 'commander';
import type { StuckEntry } from '../core/ports.ts';
import { putAllBack, putBack, stuckId, type PutBack, type PutBackBy } from '../core/workflows/put-back.ts';
import { asJson, minute, plain, table } from './printed.ts';
import { withStore, withStoreOptions, type StoreOptions, type StoreTarget } from './store-target.ts';
import { UserError } from './user-error.ts';

type Options = StoreOptions & {
  readonly again?: string;
  readonly who?: string;
  readonly note?: string;
  readonly json?: boolean;
};

/** As many as a person looks through, and as one run puts back. */
const MOST = 500;
const LONGEST = 500;

const subject = (entry: StuckEntry): string => {
  if (entry.kind === 'customer') return 'customer';
  return entry.reference ? `fact about ${entry.reference.kind} ${entry.reference.id}` : 'fact';
};

const listed = (entries: readonly StuckEntry[], where: string): string => {
  const [first] = entries;
  if (first === undefined) return `Nothing is set aside in ${where}.`;
  const rows = entries.map((entry) =>
    [minute(entry.setAsideAt), stuckId(entry), subject(entry), String(entry.tries), entry.why].map(plain),
  );
  return [
    `Set aside in ${where}, the longest first. Nothing happens to them before they are put back.`,
    table(['since (UTC)', 'id', 'what', 'tries', 'why'], rows),
    ...(entries.length === MOST ? [`There may be more: these are the first ${MOST}.`] : []),
    'Put right what is named under "why" (docs/runbook.md), then:\n' +
      `  npx recoup stuck --again ${plain(stuckId(first))} --who NAME --note TEXT`,
  ].join('\n\n');
};

const list = async ({ store, where, now }: StoreTarget, json: boolean | undefined): Promise<void> => {
  const stuck = await store.listStuck(MOST);
  console.log(json ? asJson({ where, now: now(), stuck }) : listed(stuck, where));
};

const WORDS: Readonly<Record<PutBack['kind'], string>> = {
  'put-back': '',
  unknown: 'nothing is stored under this id. "npx recoup stuck" lists the ids',
  'not-stuck': 'it is not set aside. Nothing was changed',
  conflict:
    'somebody else wrote it at the same moment, so nothing was changed. Look again with "npx recoup stuck"',
  damaged: 'it cannot be put back, because it cannot be read. Nothing was changed',
};

const said = (one: PutBack): string => {
  const id = plain(one.id);
  if (one.kind === 'put-back') {
    return one.what === 'customer'
      ? `${id}: put back. The next visit is due now, and the journal says who did it and why`
      : `${id}: put back. The provider is asked again whose it is, with all tries before it`;
  }
  const how =
    one.kind === 'damaged'
      ? `: ${plain(one.why)}. Put its item right from a backup first: docs/runbook.md#customers-set-aside`
      : '';
  return `${id}: ${WORDS[one.kind]}${how}`;
};

const given = (name: string, text: string | undefined): string => {
  const trimmed = plain((text ?? '').trim());
  if (trimmed !== '' && trimmed.length <= LONGEST) return trimmed;
  throw new UserError(
    `--again needs ${name}, at most ${LONGEST} characters long: the journal says who put it back and why`,
  );
};

const again = async (
  { store, where, now }: StoreTarget,
  id: string,
  by: PutBackBy,
  json: boolean | undefined,
): Promise<void> => {
  const done =
    id === 'all' ? await putAllBack(store, by, now(), MOST) : [await putBack(store, id, by, now())];
  if (done.some(({ kind }) => kind !== 'put-back')) process.exitCode = 1;
  if (json) return console.log(asJson({ where, done }));
  if (done.length === 0) console.log(`Nothing is set aside in ${where}.`);
  for (const one of done) (one.kind === 'put-back' ? console.log : console.error)(said(one));
  if (done.length === MOST) console.log('There may be more: run this again.');
};

const run = async (options: Options): Promise<void> => {
  const { again: id, who, note, json } = options;
  if (id === undefined && (who !== undefined || note !== undefined)) {
    throw new UserError('--who and --note go with --again: name the id to put back, or all');
  }
  const by = id === undefined ? null : { who: given('--who NAME', who), note: given('--note TEXT', note) };
  await withStore(options, (target) =>
    id !== undefined && by ? again(target, id, by, json) : list(target, json),
  );
};

/** The command, ready to be added to the program. */
export const stuckCommand = (): Command =>
  withStoreOptions(new Command('stuck'))
    .description('Lists what was set aside for a person, and puts it back once that is put right.')
    .option('--again <id>', 'puts one back by its id, or all')
    .option('--who <name>', 'who puts it back: it stands in the journal')
    .option('--note <text>', 'why: it stands in the journal')
    .option('--json', 'print everything as JSON')
    .action(run);
