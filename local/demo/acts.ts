// What happens in the demonstration without an event of the provider: a mail comes back, a customer answers, a look ahead.
import type { Account, Provider, Store } from '../../core/ports.ts';
import { customerKey } from '../../core/ids.ts';
import type { AnswerKind } from '../../core/recovery/customer.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addDays, localDay, type Instant } from '../../core/time.ts';
import { answerPage } from '../../core/workflows/customer-page.ts';
import { recordFacts, type RecordDeps } from '../../core/workflows/record-facts.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import type { ScriptedProvider } from '../scripted-provider.ts';

/** One such thing. `inDays`: of a promise, how many days later the money is to come. */
export type DemoAct =
  | { readonly kind: 'bounce'; readonly customerId: string }
  | {
      readonly kind: 'answer';
      readonly customerId: string;
      readonly answer: AnswerKind;
      readonly inDays: number | null;
    }
  | { readonly kind: 'look' };

/** What acts are done with. */
export type ActDeps = RecordDeps & {
  readonly store: Store;
  readonly provider: Pick<Provider, 'refresh' | 'portal'>;
  readonly policy: Policy;
  readonly connection: string;
  readonly mails: readonly SentMail[];
  readonly look: () => Promise<void>;
};

/** Does what is to be done about the newest mail to a customer; nothing where there is none, as in life. */
export const perform = async (deps: ActDeps, act: DemoAct, now: Instant): Promise<void> => {
  if (act.kind === 'look') return deps.look();
  const key = customerKey(deps.connection, act.customerId);
  const mail = deps.mails.findLast(({ customerKey: to }) => to === key);
  if (mail === undefined) return;
  const { caseId, subjectId, stepId, to } = mail;
  if (act.kind === 'bounce') {
    const delivery = { caseId, subjectId, stepId, event: 'bounced', address: to, unreachable: true } as const;
    await recordFacts(deps, key, [{ kind: 'delivery', at: now, source: 'event', delivery }], now);
    return;
  }
  const promisedDay = act.inDays === null ? null : localDay(addDays(now, act.inDays), 'UTC');
  const asker = { key, about: caseId, issuedAt: mail.at };
  await answerPage(deps, asker, { kind: act.answer, promisedDay, text: null }, now);
};

/** The account behind a demonstration, for a look ahead: who has a subscription there. Nothing is found by other lists. */
export const accountOf = (provider: ScriptedProvider): Account => ({
  read: async (connection, list, _, now) => ({
    customers: list === 'subscriptions' ? provider.subscribers(connection, now) : [],
    next: null,
  }),
});
