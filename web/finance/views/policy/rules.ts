// The rules of a policy that hold for every campaign, each a term with its sentences. Pure.
import type { Policy } from '../../api.ts';
import type { Tell } from './tell.ts';

/** A rule: what it is about, and what it says. */
export type Rule = { readonly term: string; readonly sentences: readonly string[] };

const WEEK = 7;

/** An hour of the day on a clock of 24 hours. */
const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

const retries = ({ retries: { owner, hour, paydays, backupMethods } }: Policy, { say }: Tell): Rule => ({
  term: say('retries'),
  sentences:
    owner === 'provider'
      ? [say('owner_provider')]
      : [
          say('owner_recoup', { hour: clock(hour) }),
          ...(paydays ? [say('paydays')] : []),
          say(backupMethods ? 'backup' : 'no_backup'),
        ],
});

const sendWindow = ({ sendWindow: open }: Policy, tell: Tell): Rule => {
  const { say, allOf, weekday, date } = tell;
  if (open === null) return { term: say('window'), sentences: [say('window_any')] };
  const { from, to, weekdays, quietDates } = open;
  const days =
    weekdays.length === WEEK ? say('every_day') : allOf(weekdays.toSorted((a, b) => a - b).map(weekday));
  return {
    term: say('window'),
    sentences: [
      say('window_open', { from, to, days }),
      ...(quietDates.length > 0 ? [say('window_quiet', { dates: allOf(quietDates.map(date)) })] : []),
    ],
  };
};

const restraint = ({ mailsPerCase, silentHours, catchUp }: Policy, { say }: Tell): Rule[] => [
  { term: say('caps'), sentences: [say('caps_text', { n: mailsPerCase }), say('caps_day')] },
  {
    term: say('silent'),
    sentences: [silentHours === 0 ? say('silent_none') : say('silent_hours', { n: silentHours })],
  },
  {
    term: say('late'),
    sentences: [say('late_text', { one: catchUp.oneMailAfterDays, none: catchUp.noMailAfterDays })],
  },
];

const holdout = ({ holdout: { share, experiment } }: Policy, { say, format }: Tell): Rule => ({
  term: say('holdout'),
  sentences: [
    share === 0
      ? say('holdout_none')
      : say('holdout_share', { share: format.percent(share), name: experiment }),
  ],
});

const who = ({ firstPayments, whenCustomerLeaves }: Policy, { say }: Tell): Rule[] => [
  {
    term: say('first'),
    sentences: [say(firstPayments === 'ignore' ? 'first_ignore' : 'first_recover')],
  },
  {
    term: say('leaves'),
    sentences: [say(whenCustomerLeaves === 'stop' ? 'leaves_stop' : 'leaves_ask')],
  },
];

const senders = ({ senders: { debts, notices, win_back: winBack } }: Policy, { say }: Tell): Rule => ({
  term: say('senders'),
  sentences:
    debts === notices && debts === winBack
      ? [say('senders_same', { name: debts })]
      : [say('senders_each', { debts, notices, back: winBack })],
});

const place = (policy: Policy, { say, languageName }: Tell): Rule => ({
  term: say('place'),
  sentences: [
    say('zone', { zone: policy.timeZone }),
    say('mail_language', { language: languageName(policy.language) }),
  ],
});

const figures = ({ digest, hasOperator }: Policy, { say, allOf }: Tell): Rule => {
  const sent = (['weekly', 'monthly', 'alerts'] as const).filter((name) => digest[name]);
  const isSent = hasOperator && sent.length > 0;
  return {
    term: say('digest'),
    sentences: [
      isSent
        ? say('digest_sent', { list: allOf(sent.map((name) => say(`digest_${name}`))) })
        : say('digest_none'),
    ],
  };
};

/** Every rule of a policy that holds for all campaigns, in the order in which people ask. */
export const rulesOf = (policy: Policy, tell: Tell): readonly Rule[] => [
  retries(policy, tell),
  sendWindow(policy, tell),
  ...restraint(policy, tell),
  holdout(policy, tell),
  ...who(policy, tell),
  senders(policy, tell),
  place(policy, tell),
  {
    term: tell.say('way_back'),
    sentences: [tell.say(policy.hasWayBack ? 'way_back_yes' : 'way_back_no')],
  },
  figures(policy, tell),
];
