// The words of causes and losses.
import type en from '../../words/en/causes.json';
import { useWords } from '../../words.ts';

export const useCauses = () => useWords<typeof en>('causes');
