// What of the system's health is good, what needs a person, and what cannot be told: the rules, and nothing of how it looks. Pure.
import type { Health } from '../../api.ts';

/** `unknown`: nothing is wrong that anybody could see, and nothing proves that all is right. */
export type State = 'good' | 'attention' | 'unknown';

export const CHECKS = ['lag', 'stuck', 'uncertain', 'heard', 'missed', 'log', 'ahead'] as const;
export type CheckName = (typeof CHECKS)[number];

/** One thing that was looked at. `seconds`: how long ago, or for how long. */
export type Check = {
  readonly name: CheckName;
  readonly connection: string | null;
  readonly state: State;
  /** Names the sentence that says it. */
  readonly says: string;
  readonly seconds: number | null;
};

/** The clock looks every minute; the alarm of the stack comes later (docs/runbook.md, Sweep lag). */
const LAG_SECONDS = 300;
const HOUR = 3600;
/** The log is walked each hour and stays two hours behind; all of it once a day. */
const MISSED_SECONDS = 6 * HOUR;
const LOG_SECONDS = 36 * HOUR;
/** The account is looked through about once a day. */
const AHEAD_SECONDS = 48 * HOUR;
/** Of a step that was armed a moment ago the answer is still to come. */
const ARMED_SECONDS = 300;
/** A business of any size hears something in so long a time. */
const HEARD_SECONDS = 72 * HOUR;

const secondsBetween = (from: string, to: string): number =>
  Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

type Connection = Health['connections'][number];

/** What was last done at a time; null = never, which on a local server is as it should be. */
const walked = (
  name: 'missed' | 'log' | 'ahead',
  connection: string,
  { at, now, limit, isLocal }: { at: string | null; now: string; limit: number; isLocal: boolean },
): Check => {
  if (at === null) {
    const state = isLocal ? 'unknown' : 'attention';
    return { name, connection, state, says: isLocal ? `${name}_local` : `${name}_never`, seconds: null };
  }
  const seconds = secondsBetween(at, now);
  const isLate = seconds > limit;
  return {
    name,
    connection,
    state: isLate && !isLocal ? 'attention' : 'good',
    says: isLate && !isLocal ? `${name}_late` : `${name}_good`,
    seconds,
  };
};

const heardOf = ({ connection, heard }: Connection, now: string): Check => {
  if (heard.at === null)
    return { name: 'heard', connection, state: 'unknown', says: 'heard_none', seconds: null };
  const seconds = secondsBetween(heard.at, now);
  const isQuiet = seconds > HEARD_SECONDS;
  return {
    name: 'heard',
    connection,
    // A quiet time looks like webhooks that do not arrive.
    state: isQuiet ? 'unknown' : 'good',
    says: isQuiet ? 'heard_quiet' : 'heard_good',
    seconds,
  };
};

const connectionChecks = (one: Connection, now: string, isLocal: boolean): Check[] => {
  const { connection, log, lookAhead } = one;
  return [
    heardOf(one, now),
    walked('missed', connection, { at: log.undelivered, now, limit: MISSED_SECONDS, isLocal }),
    walked('log', connection, { at: log.all, now, limit: LOG_SECONDS, isLocal }),
    walked('ahead', connection, { at: lookAhead.doneAt, now, limit: AHEAD_SECONDS, isLocal }),
  ];
};

/** Steps of which an answer should long be there. */
export const trulyUncertain = ({ uncertain, at }: Health): Health['uncertain'] =>
  uncertain.filter((step) => step.status === 'uncertain' || secondsBetween(step.at, at) > ARMED_SECONDS);

/** A check of the whole system. */
const whole = (name: CheckName, isGood: boolean, seconds: number | null = null): Check => ({
  name,
  connection: null,
  state: isGood ? 'good' : 'attention',
  says: `${name}_${isGood ? 'good' : 'attention'}`,
  seconds,
});

/** Everything that is looked at, in the order in which it matters. `isLocal`: on a server of this machine nothing is walked. */
export const checksOf = (health: Health, isLocal: boolean): readonly Check[] => {
  const { at, lagSeconds, stuck, connections } = health;
  const lag = whole('lag', lagSeconds <= LAG_SECONDS, lagSeconds);
  return [
    lagSeconds === 0 ? { ...lag, says: 'lag_none' } : lag,
    whole('stuck', stuck.length === 0),
    whole('uncertain', trulyUncertain(health).length === 0),
    ...connections.flatMap((one) => connectionChecks(one, at, isLocal)),
  ];
};

/** The command that puts something set aside back to the clock; its id has no character that a shell reads. */
export const commandFor = ({ connection, customer, event }: Health['stuck'][number]): string | null => {
  const id = customer === null ? event : `${connection ?? ''}/${customer}`;
  return id !== null && /^[\w./:-]+$/.test(id) ? `npx recoup stuck --again ${id} --who "…" --note "…"` : null;
};
