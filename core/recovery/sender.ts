// Who a mail comes from, and which mails it goes on from.
import type { Sender } from '../ports.ts';
import type { StepRecord, Stream } from './customer.ts';
import type { Policy } from './policy.ts';

/** The sender of a stream of mails; `null`: of those about a debt. */
export const senderFor = ({ sender, senders }: Policy, stream: Stream | null): Sender => {
  const other = stream === null ? {} : (senders[stream] ?? {});
  const named = Object.entries(other).filter(([, value]) => value !== undefined);
  return { ...sender, ...Object.fromEntries(named) };
};

/** So many earlier mails are named: what is older, a mail program has in the thread by them. */
const LONGEST_THREAD = 6;

/** The ids of the mails that were sent by some steps, the oldest first, for the next one to answer. */
export const threadOf = (steps: readonly StepRecord[]): readonly string[] =>
  steps
    .flatMap(({ at, messageId }) => (messageId === undefined ? [] : [{ at, messageId }]))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(-LONGEST_THREAD)
    .map(({ messageId }) => messageId);
