// The words of a case.
import type en from '../../words/en/case.json';
import { useWords } from '../../words.ts';

export const useCaseWords = () => useWords<typeof en>('case');
