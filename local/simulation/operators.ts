// Operators at work in a simulated world: they hold, resume, exclude, ask for a try, close; and are held to be heard.
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { addDays } from '../../core/time.ts';
import {
  close,
  exclude,
  hold,
  resume,
  retryNow,
  writeAgain,
  type Operated,
} from '../../core/workflows/operate.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import type { Store } from '../../core/ports.ts';
import type { Random } from '../demo/random.ts';
import { faultyStore, Killed } from './faults.ts';
import { later, noBackOff, secondOf, type World } from './world.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;
/** An operator whose command failed tries again, so often. */
const MOST_TRIES = 24;

export const HELD_LAW = 'nothing is sent or charged for a held or excluded customer';

/** Why nothing is to go to a customer now, by what operators have said; null = nobody said so. */
export const heldTruly = ({ inspection, clock }: World, key: CustomerKey): string | null => {
  const word = inspection.words.get(key);
  if (!word || (word.until !== null && word.until <= clock.now())) return null;
  // A promise is about the case that was open then.
  const isOver = word.kind === 'hold' && inspection.latest.get(key)?.recovery.case?.id !== word.caseId;
  return isOver ? null : `${word.kind} until ${word.until ?? 'it is taken back'}`;
};

type Deps = { readonly world: World; readonly policyNow: () => Policy };
type Command = (store: Store, key: CustomerKey) => Promise<Operated>;

/** Writes down what an operator has said, by what was saved: their answer may have been lost. */
const hear = ({ inspection, clock }: World, key: CustomerKey): void => {
  const customer = inspection.latest.get(key);
  if (!customer) return;
  const { hold: word, case: open } = customer.recovery;
  const known = inspection.words.get(key);
  const now = clock.now();
  if (word !== null && word.at === now)
    inspection.words.set(key, { kind: word.kind, caseId: open?.id ?? null, until: word.until });
  else if (known && (word === null || word.until === now)) inspection.words.delete(key);
  for (const { subjectId, closedAs } of open?.ladders ?? []) {
    if (closedAs === 'withdrawn') inspection.withdrawnByHand.add(subjectId);
  }
};

/** Gives a command; one that fails on the way is given again an hour later. */
const command = async (
  deps: Deps,
  key: CustomerKey,
  what: string,
  give: Command,
  tries = 0,
): Promise<void> => {
  const { world } = deps;
  const process = { dead: false };
  const again = () => later(world, secondOf(world) + HOUR_S, () => command(deps, key, what, give, tries + 1));
  let told = 'died';
  try {
    const done = await give(faultyStore(world.watch.store, process, world.faults), key);
    told = done.kind === 'done' ? 'done' : done.why;
    // Somebody else kept writing: an operator tries that again too.
    if (told.includes('other writers') && tries < MOST_TRIES) again();
  } catch (error) {
    const isFault = process.dead || error instanceof Killed || (error as Error).name === 'OutsideError';
    if (!isFault) throw error;
    if (tries < MOST_TRIES) again();
  }
  world.tell(key, `operator ${what}: ${told}`);
  hear(world, key);
};

const by = (note: string) => ({ who: 'operator', note, ifVersion: null });

/** What an operator may do, and what they do about it later. */
const pickCommand = (deps: Deps, luck: Random): readonly [string, Command, string, Command] => {
  const { world, policyNow } = deps;
  const now = () => world.clock.now();
  const days = luck.whole(2, 20);
  const closes: Command = (store, key) =>
    close({ store, backOff: noBackOff }, key, luck.pick(['lost', 'withdrawn']), null, by('settled'), now());
  const resumes: Command = (store, key) => resume({ store, backOff: noBackOff }, key, by('goes on'), now());
  const holds: Command = (store, key) =>
    hold(
      { store, backOff: noBackOff, policy: policyNow() },
      key,
      addDays(now(), days),
      by('promised'),
      now(),
    );
  const excludes: Command = (store, key) =>
    exclude({ store, backOff: noBackOff }, key, false, by('a friend'), now());
  const tries: Command = (store, key) =>
    retryNow({ store, backOff: noBackOff }, key, null, by('asked'), now());
  // The answer may be lost, so what came back before counts no more once it is asked for.
  const writes: Command = (store, key) => {
    const { cameBack } = world.inspection;
    for (const name of cameBack) if (name.startsWith(`${key} `)) cameBack.delete(name);
    return writeAgain({ store, backOff: noBackOff }, key, by('the mailbox works again'), now());
  };
  return luck.pick([
    ['write again', writes, 'write again', writes],
    ['hold', holds, 'resume', resumes],
    ['hold', holds, 'resume', resumes],
    ['exclude', excludes, 'resume', resumes],
    ['exclude', excludes, 'close', closes],
    ['retry now', tries, 'resume', resumes],
    ['retry now', tries, 'retry now', tries],
    ['close', closes, 'resume', resumes],
  ]);
};

/** An operator takes a customer on, this very moment or some days later, and comes back to them after some more. */
export const operateInBetween = async (deps: Deps, key: CustomerKey): Promise<void> => {
  const { world } = deps;
  if (!world.faults.happens('operator_at_work', key)) return;
  const luck = world.luckOf(`operator of ${splitKey(key).customerId}`);
  const [what, first, whatNext, second] = pickCommand(deps, luck);
  const at = secondOf(world) + Math.round(luck.between(0, 4) * DAY_S);
  const back = at + Math.round(luck.between(1, 25) * DAY_S);
  if (luck.chance(0.4)) await command(deps, key, what, first);
  else later(world, at, () => command(deps, key, what, first));
  later(world, back, () => command(deps, key, whatNext, second));
  // Nobody stays excluded for good: a case that is held has no end.
  if (what === 'exclude')
    later(world, back + 2 * DAY_S, () =>
      command(deps, key, 'resume', (store) =>
        resume({ store, backOff: noBackOff }, key, by('goes on'), world.clock.now()),
      ),
    );
};
