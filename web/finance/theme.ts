// Light or dark: as the system has it, or as this browser was told.
import { recall, remember } from './remembered.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const themeNow = (): Theme => THEMES.find((name) => name === recall('theme')) ?? 'system';

const show = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
};

export const startTheme = (): void => show(themeNow());

export const setTheme = (theme: Theme): void => {
  remember('theme', theme === 'system' ? null : theme);
  show(theme);
};
