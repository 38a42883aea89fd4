// The words of the list of cases.
import type en from '../../words/en/cases.json';
import { useWords } from '../../words.ts';

export const useCasesWords = () => useWords<typeof en>('cases');
