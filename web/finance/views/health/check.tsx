// How one thing stands: a sign and a word for its state, what it is, and what is to be done.
import type { ComponentChildren } from 'preact';
import { Help, type Definition } from '../../parts/help.tsx';
import type { State } from './checks.ts';
import { useHealth } from './words.ts';

const SIGNS: Readonly<Record<State, string>> = {
  good: 'm3.5 8.5 3 3 6-7',
  attention: 'M8 3.5v5.5m0 3v.1',
  unknown: 'M4 8h8',
};

/** The state in a sign and in a word: colour alone says nothing. */
export const StateBadge = ({ state }: { state: State }) => (
  <span class={`state ${state}`}>
    <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={SIGNS[state]} />
    </svg>
    {useHealth()(`state_${state}`)}
  </span>
);

type CheckRowProps = {
  readonly state: State;
  readonly name: string;
  readonly help?: Definition;
  readonly says: string;
  readonly children?: ComponentChildren;
};

/** A line of the list of what was looked at. */
export const CheckRow = ({ state, name, help, says, children }: CheckRowProps) => (
  <li class="check">
    <StateBadge state={state} />
    <div>
      <h3>
        {name}
        {help && <Help of={help} name={name} />}
      </h3>
      <p>{says}</p>
      {children}
    </div>
  </li>
);
