// The tags of a mail: the one place that says what its events will know of it.
import type { Mail } from '../../core/ports.ts';
import { TAGS, tagValue } from './delivery.ts';

const MAX_TAG = 256;

/** The tags as SES takes them. An overlong one is left out. */
export const tagsOf = ({ customerKey, caseId, subjectId, stepId, message }: Mail) =>
  [
    [TAGS.customer, customerKey],
    [TAGS.case, caseId],
    [TAGS.subject, subjectId],
    [TAGS.step, stepId],
    [TAGS.message, message],
  ]
    .map(([Name = '', text = '']) => ({ Name, Value: tagValue(text) }))
    .filter(({ Value }) => Value.length <= MAX_TAG);
