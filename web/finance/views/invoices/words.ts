// The words of the invoices under a total.
import type en from '../../words/en/invoices.json';
import { useWords } from '../../words.ts';

export const useInvoicesWords = () => useWords<typeof en>('invoices');
