// The words of mails and variants.
import type en from '../../words/en/mails.json';
import { useWords } from '../../words.ts';

export const useMails = () => useWords<typeof en>('mails');
