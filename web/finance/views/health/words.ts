// The words of health.
import type en from '../../words/en/health.json';
import { useWords } from '../../words.ts';

export const useHealth = () => useWords<typeof en>('health');
