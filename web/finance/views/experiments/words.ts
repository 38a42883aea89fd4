// The words of the experiments.
import type en from '../../words/en/experiments.json';
import { useWords } from '../../words.ts';

export const useExperiments = () => useWords<typeof en>('experiments');
