// Which of several texts of a step a case gets: drawn by name, so that it is the same at every look.
import { lotOf } from '../ids.ts';
import type { MailText } from '../ports.ts';
import type { Policy } from './policy.ts';

type WithTexts = {
  readonly id: string;
  readonly message: MailText;
  readonly variants?: readonly { readonly message: MailText; readonly weight: number }[] | undefined;
};

/** The text of a step for a case. The step's own message has weight 1 beside those of its variants. */
export const textFor = ({ id, message, variants = [] }: WithTexts, caseId: string): MailText => {
  const all = [{ message, weight: 1 }, ...variants];
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  let left = lotOf(`${caseId} ${id}`) * total;
  for (const one of all) {
    left -= one.weight;
    if (left < 0) return one.message;
  }
  return message;
};

/** The steps of a campaign or of a notice with the texts that a case gets. */
export const withTexts = <S extends object>(steps: readonly S[], caseId: string): S[] =>
  steps.map((step) =>
    'variants' in step && step.variants !== undefined
      ? { ...step, message: textFor(step as S & WithTexts, caseId) }
      : step,
  );

/** Every text that a step can send, with the field that names it. */
export const textsOf = ({
  message,
  variants = [],
}: Pick<WithTexts, 'message' | 'variants'>): readonly {
  readonly at: string;
  readonly message: MailText;
}[] => [
  { at: 'message', message },
  ...variants.map((one, i) => ({ at: `variants.${i}.message`, message: one.message })),
];

/** Every text that the steps of a policy can send. */
export const textsIn = ({
  campaigns,
  notices,
}: Pick<Policy, 'campaigns' | 'notices'>): readonly MailText[] => {
  const emails = campaigns.flatMap(({ steps }) => steps).filter((step) => step.kind === 'email');
  const all = [...emails, ...notices.flatMap(({ steps }) => steps)];
  return [...new Set(all.flatMap((step) => textsOf(step).map(({ message }) => message)))];
};
