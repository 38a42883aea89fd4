// The words of the overview.
import type en from '../../words/en/overview.json';
import { useWords } from '../../words.ts';

export const useOverview = () => useWords<typeof en>('overview');
