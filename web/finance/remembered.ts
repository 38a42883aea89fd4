// What this browser remembers of somebody's choices: the language and the theme. A browser may refuse to remember.

type Name = 'language' | 'theme';

export const recall = (name: Name): string | null => {
  try {
    return localStorage.getItem(`recoup.${name}`);
  } catch {
    return null;
  }
};

export const remember = (name: Name, value: string | null): void => {
  try {
    if (value === null) localStorage.removeItem(`recoup.${name}`);
    else localStorage.setItem(`recoup.${name}`, value);
  } catch {
    // It is asked again next time.
  }
};
