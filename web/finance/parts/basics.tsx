// The small parts that every view is made of: buttons, badges, cards, menus, and a dialog.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useNames, useShell } from '../words.ts';
import { Help, type Definition } from './help.tsx';
import { Icon, type IconName } from './icons.tsx';

type ButtonProps = {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly icon?: IconName;
  readonly look?: 'main' | 'plain' | 'quiet' | 'danger';
  readonly label?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
};

/** A button. `label`: what it is called where its words alone do not say it. */
export const Button = ({
  children,
  onClick,
  icon,
  look = 'plain',
  label,
  disabled,
  pressed,
}: ButtonProps) => (
  <button
    type="button"
    class={`button ${look}`}
    onClick={onClick}
    aria-label={label}
    aria-pressed={pressed}
    disabled={disabled ?? false}
  >
    {icon && <Icon name={icon} />}
    {children}
  </button>
);

export type OutcomeName = 'failed' | 'recovered' | 'lost' | 'withdrawn' | 'open';

/** An outcome in its colour and its word. */
export const Badge = ({ outcome }: { outcome: OutcomeName }) => (
  <span class={`badge ${outcome}`}>{useNames()('outcome', outcome)}</span>
);

/** The square that says which part of a chart something is. */
export const Key = ({ look }: { look: string }) => <span class={`key ${look}`} aria-hidden="true" />;

type CardProps = {
  readonly title: string;
  readonly help?: Definition;
  readonly children: ComponentChildren;
  /** At the end of the title's line. */
  readonly actions?: ComponentChildren;
  readonly look?: string;
};

/** A sheet with a heading. */
export const Card = ({ title, help, children, actions, look = '' }: CardProps) => {
  const id = useId();
  return (
    <section class={`card ${look}`} aria-labelledby={id}>
      <header class="card-head">
        <div class="card-title">
          <h2 id={id}>{title}</h2>
          {help && <Help of={help} name={title} />}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
};

type FigureProps = {
  readonly name: string;
  readonly help?: Definition;
  readonly value: ComponentChildren;
  /** What it is of: its denominator, its interval. */
  readonly children?: ComponentChildren;
  /** The invoices under it. */
  readonly to?: string | null;
  readonly look?: string;
};

/** One figure with its name, what it is of, what it means, and the way to the invoices under it. */
export const Figure = ({ name, help, value, children, to, look = '' }: FigureProps) => (
  <div class={`card figure-card ${look}`}>
    <dt>
      {name}
      {help && <Help of={help} name={name} />}
    </dt>
    <dd class="big">{to ? <a href={to}>{value}</a> : value}</dd>
    {children && <dd class="more">{children}</dd>}
  </div>
);

/** Figures side by side. */
export const Figures = ({ children }: { children: ComponentChildren }) => <dl class="figures">{children}</dl>;

type MenuProps = {
  readonly label: string;
  readonly name: string;
  readonly icon?: IconName;
  readonly children: (close: () => void) => ComponentChildren;
};

/** A button that opens a box of choices; the browser places and closes it. `name`: what it is for. */
export const Menu = ({ label, name, icon, children }: MenuProps) => {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <span class="menu">
      <button
        type="button"
        class="button plain"
        popovertarget={id}
        aria-label={label === name ? name : `${name}: ${label}`}
      >
        {icon && <Icon name={icon} />}
        <span>{label}</span>
        <Icon name="down" />
      </button>
      <div
        id={id}
        ref={box}
        popover="auto"
        class="box"
        role="group"
        aria-label={name}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen && children(() => box.current?.hidePopover())}
      </div>
    </span>
  );
};

type DialogProps = {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
};

/** A question before the page. Escape closes it, and the focus goes back to where it was. */
export const Dialog = ({ title, isOpen, onClose, children }: DialogProps) => {
  const id = useId();
  const say = useShell();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      {isOpen && (
        <>
          <header class="card-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="button quiet" aria-label={say('close')} onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
          {children}
        </>
      )}
    </dialog>
  );
};
