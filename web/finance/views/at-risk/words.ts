// The words of what is at risk.
import type en from '../../words/en/at-risk.json';
import { useWords } from '../../words.ts';

export const useAtRisk = () => useWords<typeof en>('at-risk');
