// The ids of the steps that no campaign names, and who is behind a charge. No step of a policy can be named so.
import type { ArmedAction } from './customer.ts';
import type { AttemptTrigger } from './fact.ts';

const BY_HAND = 'by_hand_';
const NEW_CARD = 'card_update_';
const BACKUP = 'backup_';

/** The id of the step that thanks for a payment. */
export const RECOVERED = 'recovered';
/** The id of the step that tells that a plan has ended, and of the way back. */
export const CANCELLED = 'cancelled';
/** The id of the step that tells the business that mail reaches nobody any more. */
export const UNREACHABLE = 'unreachable';

/** The id of a try that an operator asks for in the write that makes this version. */
export const operatorStepId = (version: number): string => `${BY_HAND}${version}`;

/** The id of the try with a card that came to be on file, by its name of `cardName`. */
export const cardUpdateStepId = (card: string): string => `${NEW_CARD}${card}`;

/** The id of the try with another card on file. */
export const backupStepId = (card: string): string => `${BACKUP}${card}`;

/** Whether a step is the try with a card that came to be on file. */
export const isNewCardStep = (stepId: string): boolean => stepId.startsWith(NEW_CARD);

/** Who asked for a charge of ours. Told by the step, so that a repetition has the same key and says the same. */
export const triggerOf = ({ stepId }: Pick<ArmedAction, 'stepId'>): AttemptTrigger => {
  if (stepId.startsWith(BY_HAND)) return 'operator';
  return stepId.startsWith(NEW_CARD) ? 'card_update' : 'ladder';
};
