// The words of the cohorts.
import type en from '../../words/en/cohorts.json';
import { useWords } from '../../words.ts';

export const useCohorts = () => useWords<typeof en>('cohorts');
