// The door of the mails about the figures: called once a day, it sends the digests and alerts that are due, each at most once.
import { fromOf } from '../adapters/operator/mail.ts';
import type { SendOperatorMail } from '../adapters/operator/notifier.ts';
import {
  FIGURES,
  VersionConflictError,
  type AccountWalk,
  type FiguresTask,
  type Store,
} from '../core/ports.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { lastWhole, type DigestPeriod } from '../core/reports/digest-period.ts';
import { dayNumber, startOfDay } from '../core/reports/watch.ts';
import { addDays, type Instant } from '../core/time.ts';
import { makeDigest, readAlerts } from '../core/workflows/make-digest.ts';
import { alertsLetter, digestLetter, type Letter } from '../web/digest/letter.ts';

export type DigestDeps = {
  readonly store: Store;
  readonly policy: Pick<Policy, 'sender' | 'operator'>;
  readonly send: SendOperatorMail;
  readonly now: () => Instant;
  /** What is read, in words. */
  readonly where: string;
};

/** What was sent, and what was due but is nothing to write about. */
export type Told = { readonly task: FiguresTask; readonly about: string; readonly sent: boolean };

/** So long after its end a period is still told of: a run that fails is made good by one of the next days. */
const LATE_DAYS = 3;

/** Something to tell: of which time, until when that goes, and how its mail is made; null = there is nothing to say. */
type Due = {
  readonly about: string;
  readonly until: Instant;
  readonly make: (walk: AccountWalk) => Promise<Letter | null>;
};

const digestDue = ({ store, where }: DigestDeps, kind: DigestPeriod['kind'], now: Instant): Due | null => {
  const period = lastWhole(kind, now);
  if (addDays(period.to, LATE_DAYS) <= now) return null;
  return {
    about: period.name,
    until: period.to,
    make: async () => digestLetter(await makeDigest(store, period, where, now), period.name, where),
  };
};

const alertsDue = ({ store, where }: DigestDeps, now: Instant): Due => {
  const until = startOfDay(dayNumber(now));
  return {
    about: startOfDay(dayNumber(now) - 1).slice(0, 10),
    until,
    make: async ({ doneAt }) => {
      const alerts = await readAlerts(store, now);
      // What began on a day that no run looked at was told to nobody.
      const untold = alerts.filter(
        ({ isNew, since }) => isNew || (doneAt !== null && startOfDay(since) >= doneAt),
      );
      return untold.length === 0 ? null : alertsLetter(untold, where);
    },
  };
};

/** Writes down that something was told, before it is. Answers false when another run did so first. */
const mark = async (store: Store, walk: AccountWalk): Promise<boolean> => {
  try {
    await store.saveWalk(walk);
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
};

const tell = async (
  deps: DigestDeps,
  email: string,
  task: FiguresTask,
  { about, until, make }: Due,
): Promise<Told | null> => {
  const { store, policy, send, now } = deps;
  const walk = await store.loadWalk(FIGURES, task);
  if (walk.doneAt !== null && walk.doneAt >= until) return null;
  const letter = await make(walk);
  const marked: AccountWalk = { ...walk, version: walk.version + 1, startedAt: now(), doneAt: until };
  if (!(await mark(store, marked))) return null;
  if (letter === null) return { task, about, sent: false };
  const { sender } = policy;
  const outcome = await send({ to: email, from: fromOf(sender), replyTo: sender.replyTo, ...letter });
  if (outcome.kind === 'done') return { task, about, sent: true };
  // What surely did not go is left to the next run; of what may have gone nobody knows, and it stays marked.
  if (outcome.kind !== 'unknown')
    await mark(store, { ...marked, version: marked.version + 1, doneAt: walk.doneAt });
  const note = outcome.kind === 'unknown' ? 'it may have gone, and is not sent again' : 'it is tried again';
  throw new Error(`${outcome.why}; ${note}`);
};

/** What the policy has on, by task; null = not due today. */
const dueOf = (deps: DigestDeps, now: Instant): readonly (readonly [FiguresTask, Due | null])[] => {
  const { weekly, monthly, alerts } = deps.policy.operator?.digest ?? {};
  return [
    ['weekly_digest', weekly ? digestDue(deps, 'week', now) : null],
    ['monthly_digest', monthly ? digestDue(deps, 'month', now) : null],
    ['alerts', alerts ? alertsDue(deps, now) : null],
  ];
};

/**
 * Makes the handler. A mail that cannot be made or sent holds up no other; at the end one error names each with
 * its reason.
 */
export const makeSendDigests = (deps: DigestDeps) => async (): Promise<readonly Told[]> => {
  const email = deps.policy.operator?.email;
  if (email === undefined) return [];
  const told: Told[] = [];
  const failed: string[] = [];
  for (const [task, due] of dueOf(deps, deps.now())) {
    if (due === null) continue;
    try {
      const one = await tell(deps, email, task, due);
      if (one !== null) told.push(one);
    } catch (error) {
      failed.push(`${task} ${due.about}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failed.length > 0) throw new Error(`not told:\n${failed.join('\n')}`);
  return told;
};
