// How a case says its codes: reasons of the core, mails, steps, and sums of several currencies.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { useFormat } from '../../page.ts';
import { useNames, useWords } from '../../words.ts';
import { partsOf } from './reasons.ts';
import { useCaseWords } from './words.ts';

/** `2026-03-13 23:59`, as a reason has it, or an instant. */
const instantIn = (text: string): string => (text.includes('T') ? text : `${text.replace(' ', 'T')}:00Z`);

/** The numbers of a case's invoices by the provider's ids of them: people know an invoice by its number. */
export const NumbersContext = createContext<ReadonlyMap<string, string>>(new Map());

/** The name of a mail; a variant of its text is told with it. */
export const useMessageName = (): ((message: string) => string) => {
  const names = useNames();
  return (message) => {
    const [base = '', ...variant] = message.split('.');
    const name = names('message', base);
    return variant.length === 0 ? name : `${name} (${variant.join('.')})`;
  };
};

/** As the local server calls whoever acts at it. */
const LOCAL = 'local';

/** Who did something: the name, or that it was somebody at this machine. */
export const useWhoName = (): ((who: string) => string) => {
  const say = useCaseWords();
  return (who) => (who === LOCAL ? say('who_local') : who);
};

/** A reason in the reader's language, as far as the page knows it; the rest as the core writes it. */
export const useReason = (): ((text: string) => string) => {
  const say = useCaseWords();
  const named = useWords<Readonly<Record<string, string>>>('case');
  const names = useNames();
  const messageName = useMessageName();
  const whoName = useWhoName();
  const { instant } = useFormat();
  const numbers = useContext(NumbersContext);
  const valued = (name: string, value: string): string => {
    if (name === 'until' || name === 'on') return instant(instantIn(value));
    if (name === 'as' || name === 'outcome') return names('outcome', value);
    if (name === 'decline' || name === 'kind') return names(name, value);
    if (name === 'message') return messageName(value);
    if (name === 'who') return whoName(value);
    if (name === 'subject' || name === 'invoices') {
      const ids = value.split(', ');
      return ids.map((id) => numbers.get(id) ?? id).join(', ');
    }
    return name === 'why' ? reason(value) : value;
  };
  const reason = (text: string): string =>
    partsOf(text)
      .map((part) => {
        if ('text' in part) return part.text;
        const values = Object.entries(part.values).map(([name, value]) => [name, valued(name, value)]);
        return named(`why_${part.name}`, Object.fromEntries(values) as Readonly<Record<string, string>>);
      })
      .reduce((first, next) => say('and_so', { first, next }));
  return reason;
};

/** The same where it begins a line: with a capital, unless it begins with an id. */
export const useReasonAlone = (): ((text: string) => string) => {
  const reason = useReason();
  const { language } = useFormat();
  return (text) => {
    const told = reason(text);
    return /^\p{Ll}+(?:[ ,]|$)/u.test(told)
      ? told.charAt(0).toLocaleUpperCase(language) + told.slice(1)
      : told;
  };
};

/** A step as people call it. */
export const useStepName = (): ((step: { kind: string; message: string | null; step: string }) => string) => {
  const names = useNames();
  const messageName = useMessageName();
  return ({ kind, message, step }) => (kind === 'email' ? messageName(message ?? step) : names('does', kind));
};
