// The views, in the order of the menu: one line each, fetched when they are gone to. Their names are `view_…` of the shell's words.
import type { ComponentType } from 'preact';

/** A view. `group`: under which heading of the menu it stands; null = only links lead to it. */
export type View = {
  readonly name: string;
  readonly group: 'figures' | 'work' | 'setup' | null;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
};

export const VIEWS: readonly View[] = [
  { name: 'overview', group: 'figures', load: () => import('./overview/index.tsx') },
  { name: 'at-risk', group: 'figures', load: () => import('./at-risk/index.tsx') },
  { name: 'causes', group: 'figures', load: () => import('./causes/index.tsx') },
  { name: 'cohorts', group: 'figures', load: () => import('./cohorts/index.tsx') },
  { name: 'mails', group: 'figures', load: () => import('./mails/index.tsx') },
  { name: 'experiments', group: 'figures', load: () => import('./experiments/index.tsx') },
  { name: 'cases', group: 'work', load: () => import('./cases/index.tsx') },
  { name: 'case', group: null, load: () => import('./case/index.tsx') },
  { name: 'invoices', group: null, load: () => import('./invoices/index.tsx') },
  { name: 'policy', group: 'setup', load: () => import('./policy/index.tsx') },
  { name: 'health', group: 'setup', load: () => import('./health/index.tsx') },
];

export const HOME = 'overview';

/** The module of a view; null when there is no such view. Rejects when it cannot be fetched. */
export const loadView = async (name: string): Promise<{ readonly default: ComponentType } | null> =>
  (await VIEWS.find((view) => view.name === name)?.load()) ?? null;
