// A campaign day by day: what goes out when, the final notice, and the end; and where its marks stand on a line. Pure.
import type { Policy } from '../../api.ts';
import type { Tell } from './tell.ts';

type Campaign = Policy['campaigns'][number];
type Step = Campaign['steps'][number];

/** What stands on a day. `look`: what kind of thing it is, told in words as well. */
export type Rung = {
  readonly id: string;
  readonly look: 'mail' | 'retry' | 'notify' | 'final' | 'end';
  readonly day: number;
  readonly what: string;
  readonly more: readonly string[];
};

/** The words of a text: those of its message, with the name of the variant where it is one. */
const textName = (text: string, { say, names }: Tell): string => {
  const [message = text, ...variant] = text.split('.');
  const name = names('message', message);
  return variant.length === 0 ? name : say('variant', { name, variant: variant.join('.') });
};

/** Of several texts each case gets one, by weight. */
export const textsTold = (texts: Step['texts'], tell: Tell): { what: string; more: string[] } => {
  const { say, format, allOf } = tell;
  const [first] = texts;
  const what = say('mail', { name: first === undefined ? '' : textName(first.message, tell) });
  if (texts.length < 2) return { what, more: [] };
  const all = texts.reduce((sum, { weight }) => sum + weight, 0);
  const list = allOf(
    texts.map(({ message, weight }) =>
      say('text_share', { name: textName(message, tell), share: format.percent(weight / all) }),
    ),
  );
  return { what, more: [say('texts', { list })] };
};

const mailOf = (step: Step, tell: Tell): Omit<Rung, 'id' | 'day'> => {
  const { what, more } = textsTold(step.texts, tell);
  const { hoursBeforeTry } = step;
  const before = hoursBeforeTry === null ? [] : [tell.say('before_try', { n: hoursBeforeTry })];
  return { look: 'mail', what, more: [...before, ...more] };
};

const rungOf = (step: Step, tell: Tell): Rung => {
  const { say } = tell;
  const { id, delayDays: day } = step;
  if (step.kind === 'email') return { id, day, ...mailOf(step, tell) };
  if (step.kind === 'retry') return { id, day, look: 'retry', what: say('retry'), more: [] };
  const what = say(step.to === 'webhook' ? 'notify_webhook' : 'notify_email');
  return { id, day, look: 'notify', what, more: step.note === null ? [] : [step.note] };
};

/** The first day on which the end can come: the notice needs its time, and the latest day holds. */
export const endDayOf = ({ finalNotice, end }: Campaign): number =>
  Math.min(finalNotice.delayDays + end.daysAfterNotice, end.latestDay);

/** Everything of a campaign in the order of its days, which is that of a policy. */
export const ladderOf = (campaign: Campaign, tell: Tell): readonly Rung[] => {
  const { say, days, format } = tell;
  const { steps, finalNotice, end } = campaign;
  const notice: Rung = {
    id: finalNotice.id,
    look: 'final',
    day: finalNotice.delayDays,
    what: say('final_notice'),
    more: [say('notice_when'), ...(finalNotice.atLastAttempt ? [say('notice_at_last')] : [])],
  };
  const over: Rung = {
    id: 'end',
    look: 'end',
    day: endDayOf(campaign),
    what: say(`end_${end.action}`),
    more: [say('end_when', { days: days(end.daysAfterNotice), latest: format.count(end.latestDay) })],
  };
  return [...steps.map((step) => rungOf(step, tell)), notice, over];
};

/** A mark on the line of days: where it stands, and its day where there is room for it. */
export type Mark = { readonly x: number; readonly look: Rung['look']; readonly label: number | null };

/** Marks on a line of so many pixels, day 0 at its beginning. `apart`: what labels need between them. */
export const marksOf = (
  rungs: readonly Pick<Rung, 'day' | 'look'>[],
  { width, inset, apart }: { readonly width: number; readonly inset: number; readonly apart: number },
): readonly Mark[] => {
  const last = Math.max(1, ...rungs.map(({ day }) => day));
  let labelled = Number.NEGATIVE_INFINITY;
  return rungs.map(({ day, look }) => {
    const x = Math.round((inset + (day / last) * (width - 2 * inset)) * 10) / 10;
    const hasRoom = x - labelled >= apart;
    if (hasRoom) labelled = x;
    return { x, look, label: hasRoom ? day : null };
  });
};
