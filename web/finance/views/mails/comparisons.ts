// Which mails are compared: the texts of one step, between which lots are drawn; and what is told of mails at all. Pure.
import type { Policy, Report } from '../../api.ts';
import { mailIn, type MailName } from '../../mail-name.ts';

export type Mail = Report['mails'][number];

/** One of several texts of a step, with what it is called in the report. */
export type Text = { readonly mail: MailName; readonly figures: Mail };

/** The texts of one step. The first is the step's own message: others are compared with it. */
export type Comparison = {
  readonly step: string;
  readonly texts: readonly Text[];
  /** Campaigns of the policy that have these texts in this step. */
  readonly campaigns: readonly string[];
  /** Whether other campaigns have the step with other texts, so that the texts went to different customers. */
  readonly isMixed: boolean;
};

/** Mails that only go once it is settled what becomes of the money: their cases say nothing of them. */
export const AFTERWARDS: ReadonlySet<string> = new Set(['recovered', 'cancelled']);

const textsIn = (
  policy: Policy,
  step: string,
): readonly { campaign: string; messages: readonly string[] }[] =>
  policy.campaigns.flatMap(({ id, steps }) =>
    steps
      .filter((one) => one.id === step && one.texts.length > 0)
      .map(({ texts }) => ({ campaign: id, messages: texts.map(({ message }) => message) })),
  );

const saidBy = ({ message, text }: MailName): string => (text === null ? message : `${message}.${text}`);

/** Steps of which several texts went. `campaign`: the only one whose failures are counted, if they are filtered. */
export const comparisonsOf = (
  mails: readonly Mail[],
  policy: Policy | null,
  campaign: string | undefined,
): readonly Comparison[] => {
  const steps = new Map<string, Text[]>();
  for (const figures of mails) {
    const mail = mailIn(figures.step);
    if (AFTERWARDS.has(mail.message)) continue;
    steps.set(mail.step, [...(steps.get(mail.step) ?? []), { mail, figures }]);
  }
  return [...steps]
    .filter(([, texts]) => texts.length > 1)
    .map(([step, texts]) => {
      const planned = policy === null ? [] : textsIn(policy, step);
      const has = (messages: readonly string[]): boolean =>
        texts.every(({ mail }) => messages.includes(saidBy(mail)));
      const campaigns = planned.filter(({ messages }) => has(messages)).map((one) => one.campaign);
      return {
        step,
        texts: texts.toSorted((a, b) => Number(a.mail.text !== null) - Number(b.mail.text !== null)),
        campaigns,
        isMixed: campaign === undefined && planned.length !== campaigns.length,
      };
    });
};

/** What the mail service can tell of a mail. */
export const EVENTS = ['delivered', 'opened', 'clicked', 'bounced', 'complained'] as const;
export type Event = (typeof EVENTS)[number];

/**
 * Which of them were told at all. Of opens and clicks none means that nobody counts them; of bounces and complaints it is good
 * news, if anything else was told.
 */
export const toldOf = (mails: readonly Mail[]): ReadonlySet<Event> => {
  const some = new Set(EVENTS.filter((event) => mails.some((mail) => mail[event] > 0)));
  return some.has('delivered') ? new Set([...some, 'bounced', 'complained']) : some;
};

/** What some mails come to. */
export const sumOf = (mails: readonly Mail[], name: Event | 'sent'): number =>
  mails.reduce((sum, mail) => sum + mail[name], 0);
