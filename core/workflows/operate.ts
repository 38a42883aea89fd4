// What an operator may do to a customer by hand. Each change says who made it and why, in the journal.
import type { CustomerKey } from '../ids.ts';
import { VersionConflictError, type Store } from '../ports.ts';
import { expiryOf, REMEMBER_DAYS } from '../recovery/close.ts';
import { isKnown, type Customer, type Hold, type Ladder, type OperatorRetry } from '../recovery/customer.ts';
import { heldBy, operatorVerdict, pausesUntil, whyNotCharged } from '../recovery/holds.ts';
import { note } from '../recovery/journal.ts';
import { withEnd } from '../recovery/ladders.ts';
import { merge } from '../recovery/merge.ts';
import type { Policy } from '../recovery/policy.ts';
import { withReceived } from '../recovery/requests.ts';
import { operatorStepId } from '../recovery/step-ids.ts';
import { addDays, earlier, later, type Instant } from '../time.ts';
import { MAX_CONFLICTS } from './record-facts.ts';

export type OperateDeps = {
  readonly store: Store;
  /** Waits a little, longer with every try, by chance: two writers must not meet again. */
  readonly backOff: (tries: number) => Promise<void>;
};

/** Who asks for a change and why. `ifVersion`: only if the customer is still as it was shown; null = in any case. */
export type Operator = {
  readonly who: string;
  readonly note: string;
  readonly ifVersion: number | null;
};

/** Somebody else was first: it is no longer what the operator was shown, or other writers kept winning. */
type Raced = 'changed' | 'contended';

/** Why a wish is refused, as a word that stays: who shows it to people says it in their language. */
export type Refusal =
  | Raced
  | 'not_known'
  | 'erased'
  | 'deleted'
  | 'nothing_open'
  | 'not_looked_at'
  | 'not_open'
  | 'held'
  | 'held_already'
  | 'excluded'
  | 'excluded_already'
  | 'not_held'
  | 'until_past'
  | 'until_too_far'
  | 'not_chargeable'
  | 'asked_already'
  | 'ending'
  | 'mail_goes'
  | 'erased_already';

/** Nothing was changed, and why, in English. */
export type Refused<C extends string = Refusal> = {
  readonly kind: 'refused';
  readonly code: C;
  readonly why: string;
};

export const refused = <C extends string>(code: C, why: string): Refused<C> => ({
  kind: 'refused',
  code,
  why,
});

/** What became of an operator's wish: the customer's version now and what is worth knowing, or why nothing was changed. */
export type Operated<C extends string = Refusal> =
  | { readonly kind: 'done'; readonly version: number; readonly told: readonly string[] }
  | Refused<C>;

/** A changed customer, and what the operator is to know of it. */
export type Changed = { readonly customer: Customer; readonly told: readonly string[] };

/** A change of a customer, or why there is none. */
type Change<C extends string> = (customer: Customer) => Changed | Refused<C>;

/** How far ahead a promise may lie. */
export const MAX_HOLD_DAYS = 365;

/** What is under way or stands in the way, whatever the change. */
const alsoTold = ({ pending, setAsideAt, recovery }: Customer): string[] => {
  const armed = pending?.armed;
  return [
    ...(armed
      ? [`${armed.stepId} of ${armed.subjectId} was under way: what becomes of it is written down first`]
      : []),
    ...(setAsideAt !== null && recovery.case !== null
      ? ['the customer is set aside for a person: nothing happens before "recoup stuck --again"']
      : []),
  ];
};

/** Makes a change in one conditional write. The clock looks at the customer at once. */
export const change = async <C extends string>(
  deps: OperateDeps,
  key: CustomerKey,
  by: Pick<Operator, 'ifVersion'>,
  now: Instant,
  make: Change<C>,
): Promise<Operated<C | Raced>> => {
  for (let tries = 1; tries <= MAX_CONFLICTS; tries += 1) {
    const customer = await deps.store.load(key, now);
    const { version } = customer;
    if (by.ifVersion !== null && by.ifVersion !== version) {
      const why = `${key} has changed meanwhile: it is at version ${version}, not ${by.ifVersion}; look at it again`;
      return refused('changed', why);
    }
    const changed = make(customer);
    if ('kind' in changed) return changed;
    const { recovery, dueAt } = changed.customer;
    const next = {
      ...withReceived(changed.customer),
      version: version + 1,
      dueAt: recovery.case === null && recovery.notices.length === 0 ? dueAt : earlier(dueAt, now),
    };
    try {
      await deps.store.save(next);
      return { kind: 'done', version: version + 1, told: [...changed.told, ...alsoTold(customer)] };
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await deps.backOff(tries);
    }
  }
  return refused('contended', `${key}: other writers were first ${MAX_CONFLICTS} times in a row; try again`);
};

/** Whether anything is known of a customer, or was said by an operator. */
export const isHeardOf = (customer: Customer): boolean =>
  isKnown(customer) || customer.recovery.case !== null || customer.recovery.hold !== null;

const unknown = ({ key }: Customer): Refused<'not_known'> => {
  const why = `nothing is known of ${key}: no payment of theirs has failed, or it was long ago. Is the id right?`;
  return refused('not_known', why);
};

/** Why nothing can be promised by or asked of somebody; null while they are there. */
const gone = ({ key, facts }: Customer): Refused<'erased' | 'deleted'> | null => {
  const at = facts.erasedAt ?? facts.deletedAt;
  if (at === null) return null;
  const [code, how] =
    facts.erasedAt === null
      ? (['deleted', 'deleted at the provider'] as const)
      : (['erased', 'erased'] as const);
  const why = `${key} was ${how} on ${at.slice(0, 10)}: nobody is written to any more; close the case instead`;
  return refused(code, why);
};

/** The ladders of an open case on which money is still owed. */
const openLadders = ({ recovery }: Customer): readonly Ladder[] => {
  const owed = new Set(
    recovery.case?.books.flatMap(({ subjectId, outcome }) => (outcome === 'open' ? [subjectId] : [])),
  );
  return (recovery.case?.ladders ?? []).filter(
    ({ subjectId, endedAt }) => endedAt === null && owed.has(subjectId),
  );
};

const nothingOpen = ({ key, facts, recovery }: Customer): Refused<'not_looked_at' | 'nothing_open'> =>
  recovery.case === null && Object.values(facts.invoices).some(({ failure }) => failure !== null)
    ? refused(
        'not_looked_at',
        `a failure of ${key} has just come in and was not looked at yet: try again in a minute`,
      )
    : refused('nothing_open', `nothing of ${key} is open`);

/** The open ladders that are meant: all, or those of one invoice. Else why there are none. */
const chosen = (customer: Customer, invoiceId: string | null): readonly Ladder[] | Refused => {
  const open = openLadders(customer);
  if (open.length === 0) return nothingOpen(customer);
  if (invoiceId === null) return open;
  const meant = open.filter((ladder) => ladder.invoiceId === invoiceId || ladder.subjectId === invoiceId);
  if (meant.length > 0) return meant;
  const ids = [...new Set(open.map((ladder) => ladder.invoiceId))].join(', ');
  return refused('not_open', `${invoiceId} is no open invoice of ${customer.key}: open is ${ids}`);
};

const wishesFor = (
  { version }: Customer,
  ladders: readonly Ladder[],
  at: Instant,
  by: Operator,
): OperatorRetry[] =>
  ladders.map(({ subjectId }) => ({ id: operatorStepId(version + 1), subjectId, at, by: by.who }));

const PROVIDER_GOES_ON =
  'the provider owns the retries: its own tries go on; stop them there if they must not run';

const withHold = (
  customer: Customer,
  hold: Hold,
  retries: readonly OperatorRetry[],
  what: string,
): Customer => ({
  ...customer,
  recovery: { ...note(customer.recovery, hold.at, `${what} by ${hold.by}`, hold.note), hold, retries },
});

/** What `hold` works with: the policy says who owns the retries. */
export type HoldDeps = OperateDeps & { readonly policy: Pick<Policy, 'retries'> };

/** Holds a customer back until a date, or says why not. See {@link hold}. */
export const heldUntil = (
  customer: Customer,
  until: Instant,
  by: Operator,
  now: Instant,
): Changed | Refused => {
  const { key, recovery, facts } = customer;
  if (!isHeardOf(customer)) return unknown(customer);
  const isGone = gone(customer);
  if (isGone !== null) return isGone;
  const open = openLadders(customer);
  if (open.length === 0) return nothingOpen(customer);
  const standing = heldBy(recovery, now);
  if (standing && standing.until === null)
    return refused('excluded', `${key} is ${standing.why}: resume first`);
  if (standing?.until === until) return refused('held_already', `${key} is ${standing.why} already`);
  const tried = open.filter((ladder) => whyNotCharged(facts, ladder) === null);
  const past = pausesUntil(recovery.hold, now);
  const hold: Hold = { kind: 'hold', until, at: now, by: by.who, note: by.note, past };
  const told =
    tried.length === 0
      ? 'on that date nothing is charged: no open invoice is charged automatically'
      : `on that date ${tried.map(({ invoiceId }) => invoiceId).join(', ')} is charged once, if the limits allow`;
  const wishes = wishesFor(customer, tried, until, by);
  return { customer: withHold(customer, hold, wishes, `held until ${until}`), told: [told] };
};

/**
 * A promised payment: until that date nothing of ours is sent, charged or ended. On the date every open invoice that is
 * charged automatically is tried once, within the limits; then the campaigns go on from where they stood.
 */
export const hold = async (
  deps: HoldDeps,
  key: CustomerKey,
  until: Instant,
  by: Operator,
  now: Instant,
): Promise<Operated> => {
  if (until <= now) return refused('until_past', `${until} is in the past: it is ${now} now`);
  if (until > addDays(now, MAX_HOLD_DAYS)) {
    const why = `${until} is over ${MAX_HOLD_DAYS} days ahead: exclude the customer, or name an earlier date`;
    return refused('until_too_far', why);
  }
  const done = await change(deps, key, by, now, (customer) => heldUntil(customer, until, by, now));
  if (done.kind === 'refused' || deps.policy.retries.owner !== 'provider') return done;
  return { ...done, told: [...done.told, PROVIDER_GOES_ON] };
};

/** Takes a hold or an exclusion back: the campaigns go on from where they stood. A try wished for its date is let go of. */
export const resume = (deps: OperateDeps, key: CustomerKey, by: Operator, now: Instant): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { recovery } = customer;
    if (!isHeardOf(customer)) return unknown(customer);
    const standing = heldBy(recovery, now);
    if (recovery.hold === null || standing === null)
      return refused('not_held', `${key} is not held: nothing to resume`);
    const noted = note(recovery, now, `resumed by ${by.who}`, by.note);
    if (recovery.case === null) {
      const resumed = { ...customer, recovery: { ...noted, hold: null, retries: [] } };
      const expiresAt = expiryOf(resumed, now);
      return { customer: { ...resumed, expiresAt }, told: ['failures from now on are followed again'] };
    }
    const wished = recovery.retries.length;
    return {
      customer: {
        ...customer,
        recovery: { ...noted, hold: { ...recovery.hold, until: now }, retries: [] },
      },
      told: [
        'the campaigns go on from where they stood',
        ...(wished > 0 ? ['the try on the promised date is let go of'] : []),
      ],
    };
  });

/**
 * Nothing of ours is sent, charged or ended until it is taken back, and future failures are held too. `ahead`: also for
 * somebody of whom nothing is known yet, whose id nobody can check.
 */
export const exclude = (
  deps: OperateDeps,
  key: CustomerKey,
  ahead: boolean,
  by: Operator,
  now: Instant,
): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { recovery } = customer;
    if (!ahead && !isHeardOf(customer)) return unknown(customer);
    const isGone = gone(customer);
    if (isGone !== null) return isGone;
    const standing = heldBy(recovery, now);
    if (standing && standing.until === null)
      return refused('excluded_already', `${key} is ${standing.why} already`);
    const past = pausesUntil(recovery.hold, now);
    const excluded: Hold = { kind: 'excluded', until: null, at: now, by: by.who, note: by.note, past };
    return {
      // Kept for good: who is forgotten would be written to.
      customer: { ...withHold(customer, excluded, [], 'excluded'), expiresAt: null },
      told: [
        recovery.case === null
          ? 'nothing is open; future failures are held too'
          : 'the case stays open until it is paid, or closed by hand; future failures are held too',
        'the provider’s own tries go on',
      ],
    };
  });

/** What a wished try comes to as things stand; the clock asks the provider first and judges anew. */
const foretold = (customer: Customer, wish: OperatorRetry, now: Instant): string => {
  const verdict = operatorVerdict(customer, wish, now);
  if (verdict.kind === 'due') return `${wish.subjectId} is charged now; ${verdict.left} tries left`;
  if (verdict.kind === 'waits')
    return `${wish.subjectId} is charged from ${verdict.until} on: ${verdict.why}`;
  return `${wish.subjectId} is not charged: ${verdict.kind === 'skipped' ? verdict.why : 'it is settled'}`;
};

/** Wishes for one try of every open invoice, or of one, as soon as the limits allow. */
export const retryNow = (
  deps: OperateDeps,
  key: CustomerKey,
  invoiceId: string | null,
  by: Operator,
  now: Instant,
): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { recovery, facts } = customer;
    if (!isHeardOf(customer)) return unknown(customer);
    const isGone = gone(customer);
    if (isGone !== null) return isGone;
    const meant = chosen(customer, invoiceId);
    if ('kind' in meant) return meant;
    const held = heldBy(recovery, now);
    if (held) return refused('held', `${key} is ${held.why}: nothing is charged; resume first`);
    const reasons = meant.flatMap((ladder) => {
      const against = whyNotCharged(facts, ladder);
      return against === null ? [] : [`${ladder.subjectId} is not charged: ${against}`];
    });
    const able = meant.filter((ladder) => whyNotCharged(facts, ladder) === null);
    if (able.length === 0) return refused('not_chargeable', reasons.join('; '));
    const wished = new Set(recovery.retries.map(({ subjectId }) => subjectId));
    const fresh = able.filter(({ subjectId }) => !wished.has(subjectId));
    if (fresh.length === 0)
      return refused('asked_already', `a try of ${[...wished].join(', ')} is asked for already`);
    const wishes = wishesFor(customer, fresh, now, by);
    const noted = note(recovery, now, `a try asked for by ${by.who}`, by.note);
    return {
      customer: { ...customer, recovery: { ...noted, retries: [...recovery.retries, ...wishes] } },
      told: [...wishes.map((wish) => foretold(customer, wish, now)), ...reasons],
    };
  });

/** One ladder closed in our books by an operator. */
const closedLadder = (
  customer: Customer,
  ladder: Ladder,
  as: NonNullable<Ladder['closedAs']>,
  by: Operator,
  now: Instant,
): Customer => {
  const why = `closed by hand as ${as} by ${by.who}: ${by.note}`;
  const ended = withEnd(customer, ladder, why, now, { closedAs: as });
  const retries = ended.recovery.retries.filter(({ subjectId }) => subjectId !== ladder.subjectId);
  return { ...ended, recovery: { ...ended.recovery, retries } };
};

/**
 * Closes what is open, or one invoice of it, in our books: as lost, or as withdrawn. Nothing is changed at the provider;
 * a payment that comes later still counts.
 */
export const close = (
  deps: OperateDeps,
  key: CustomerKey,
  as: NonNullable<Ladder['closedAs']>,
  invoiceId: string | null,
  by: Operator,
  now: Instant,
): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    if (!isHeardOf(customer)) return unknown(customer);
    const meant = chosen(customer, invoiceId);
    if ('kind' in meant) return meant;
    const armed = customer.pending?.armed;
    if (armed?.kind === 'end' && meant.some(({ subjectId }) => subjectId === armed.subjectId)) {
      const why = `the end of ${armed.subjectId} is being carried out: look at ${key} again in a few minutes`;
      return refused('ending', why);
    }
    const noted = {
      ...customer,
      recovery: note(customer.recovery, now, `closed as ${as} by ${by.who}`, by.note),
    };
    const left = openLadders(customer).length - meant.length;
    return {
      customer: meant.reduce((all, ladder) => closedLadder(all, ladder, as, by, now), noted),
      told: [
        `${meant.map(({ subjectId }) => subjectId).join(', ')} counts as ${as}` +
          (left > 0
            ? `; ${left} stay${left === 1 ? 's' : ''} open`
            : '; the case is closed with the next visit'),
        'nothing is changed at the provider: void the invoice there, or its tries go on',
      ],
    };
  });

/**
 * Makes every link to the customer's page that was issued until now lead nowhere, say because a mail was passed on. The
 * mails that come after it have links that work.
 */
export const revokeLinks = (
  deps: OperateDeps,
  key: CustomerKey,
  by: Operator,
  now: Instant,
): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    if (!isHeardOf(customer)) return unknown(customer);
    const noted = note(customer.recovery, now, `links revoked by ${by.who}`, by.note);
    // Who is forgotten before the oldest link is too old would have it work again.
    const expiresAt = customer.expiresAt && later(customer.expiresAt, addDays(now, REMEMBER_DAYS));
    return {
      customer: { ...customer, recovery: { ...noted, linksRevokedAt: now }, expiresAt },
      told: ['the links of all mails so far lead nowhere; the next mail has new ones'],
    };
  });

/** Lets mail go again to addresses that one came back from or whose reader complained: somebody has put that right. */
export const writeAgain = (
  deps: OperateDeps,
  key: CustomerKey,
  by: Operator,
  now: Instant,
): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { facts, recovery } = customer;
    if (!isHeardOf(customer)) return unknown(customer);
    const isGone = gone(customer);
    if (isGone !== null) return isGone;
    if (Object.keys(facts.unreachable).length === 0)
      return refused('mail_goes', `mail to ${key} is not stopped`);
    const noted = note(recovery, now, `mail let through by ${by.who}`, by.note);
    return {
      customer: { ...customer, facts: { ...facts, unreachable: {} }, recovery: noted },
      told: [
        'every address of theirs is written to again with the next mail; one that was skipped is not made up for',
        'the mail service has a list of its own: take the address off it too, or nothing is delivered there',
      ],
    };
  });

/** A failure without what it was to be paid with. */
const withoutCard = (ladder: Ladder): Ladder => ({
  ...ladder,
  methodId: null,
  ...(ladder.failedBy && { failedBy: { ...ladder.failedBy, brand: null } }),
});

/**
 * Forgets who a customer is, for good: no later event, refresh or backfill brings it back. Amounts stay. A customer we
 * do not know gets the same marker, so that a late event cannot bring the person in.
 */
export const erase = (deps: OperateDeps, key: CustomerKey, by: Operator, now: Instant): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { facts, recovery } = customer;
    if (facts.erasedAt !== null)
      return refused('erased_already', `${key} was erased on ${facts.erasedAt.slice(0, 10)} already`);
    const kept = later(customer.expiresAt, addDays(now, REMEMBER_DAYS));
    const isForGood = recovery.case !== null || heldBy(recovery, now)?.until === null;
    const erased = {
      ...customer,
      facts: merge(facts, { kind: 'customer-erased', at: now, source: 'event' }),
      recovery: {
        ...note(recovery, now, `erased by ${by.who}`, by.note),
        case: recovery.case && { ...recovery.case, ladders: recovery.case.ladders.map(withoutCard) },
        answers: recovery.answers.map((answer) => ({ ...answer, text: null })),
        linksRevokedAt: now,
      },
      expiresAt: isForGood ? null : kept,
    };
    return { customer: erased, told: [] };
  });
