// The words of the policy.
import type en from '../../words/en/policy.json';
import { useWords } from '../../words.ts';

export const usePolicy = () => useWords<typeof en>('policy');
