// The data folder of the local server: what it keeps beside the table, so that a restart finds everything again.
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Policy } from '../../core/recovery/policy.ts';
import type { Instant } from '../../core/time.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import type { Told } from '../../adapters/memory/told.ts';

/** A charge or an end that the cloud would have asked of the provider. */
export type Withheld = {
  readonly at: Instant;
  readonly what: 'retry' | 'end';
  readonly key: string;
  readonly customerKey: string;
  readonly caseId: string;
  readonly subjectId: string;
  readonly why: string;
  /** What would have been done, in words. */
  readonly words: string;
};

/** One line of the outbox's file. */
type OutboxLine =
  | { readonly kind: 'mail'; readonly mail: SentMail }
  | { readonly kind: 'withheld'; readonly entry: Withheld }
  | { readonly kind: 'told'; readonly told: Told };

/** What the outbox held when the folder was opened. */
export type KeptOutbox = {
  readonly mails: readonly SentMail[];
  readonly withheld: readonly Withheld[];
  readonly told: readonly Told[];
};

/** Where the clock stood, and what the demonstration is made from. */
export type FolderState = {
  /** Everything due until then has been done, and every event of the demonstration until then delivered. */
  readonly at: Instant;
  /** How far the clock was ahead of the machine's. */
  readonly offsetMs: number;
  readonly demo: DemoState | null;
};

/** What a demonstration was begun with. */
export type DemoState = {
  readonly seed: number;
  readonly base: Instant;
  readonly subscriptions: number;
  /** Which of its customers get no reminders; nobody in one of before. */
  readonly holdout?: Policy['holdout'];
};

/** Where a server that holds the folder can be asked, and the token that it wants to see. */
export type StoreDoor = { readonly port: number; readonly token: string };

/** The data folder of a demonstration, or of a real account; from the folder that commands are run in. */
export const folderOf = (kind: 'demo' | 'stripe'): string => join('.recoup', kind);

/** The files of one data folder. */
export type Folder = {
  readonly path: string;
  /** Where the embedded table is kept. */
  readonly tablePath: string;
  readState(): FolderState | null;
  writeState(state: FolderState): void;
  /** The signing secret that was made for this folder; made on the first call. */
  secret(): string;
  /** The key that links to the customer's page are signed with; made on the first call. */
  linkKey(): string;
  readOutbox(): KeptOutbox;
  appendMail(mail: SentMail): void;
  appendWithheld(entry: Withheld): void;
  appendTold(told: Told): void;
  /** Bodies that came over HTTP, for a provider that knows only what it is told. */
  readReceived(): readonly object[];
  appendReceived(event: object): void;
  /** Left there by a server while it runs; after a crash it leads nowhere. */
  readStoreDoor(): StoreDoor | null;
  writeStoreDoor(door: StoreDoor): void;
  removeStoreDoor(): void;
};

/** Lines of JSON that only ever grow. A last line that was cut off by a crash is dropped. */
const readLines = <T>(path: string): T[] => {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
};

const PRIVATE_FILE = { mode: 0o600 };

/** Opens a data folder, making it when it is not there. Only its owner may read it: it holds addresses. */
export const openFolder = (path: string): Folder => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(path, name);
  const append = (name: string, line: unknown) =>
    appendFileSync(file(name), `${JSON.stringify(line)}\n`, PRIVATE_FILE);
  const write = (name: string, text: string) => {
    // Written beside and put in place at once: a crash leaves the old or the new, never half of it.
    writeFileSync(file(`${name}.new`), text, PRIVATE_FILE);
    renameSync(file(`${name}.new`), file(name));
  };
  const made = (name: string, make: () => string): string => {
    if (!existsSync(file(name))) write(name, `${make()}\n`);
    return readFileSync(file(name), 'utf8').trim();
  };
  return {
    path,
    tablePath: file('table'),
    readState: () =>
      existsSync(file('state.json'))
        ? (JSON.parse(readFileSync(file('state.json'), 'utf8')) as FolderState)
        : null,
    writeState: (state) => write('state.json', JSON.stringify(state)),
    secret: () => made('webhook-secret', () => `whsec_${randomBytes(24).toString('hex')}`),
    linkKey: () => made('link-key', () => randomBytes(32).toString('hex')),
    readOutbox: () => {
      const lines = readLines<OutboxLine>(file('outbox.jsonl'));
      return {
        mails: lines.flatMap((line) => (line.kind === 'mail' ? [line.mail] : [])),
        withheld: lines.flatMap((line) => (line.kind === 'withheld' ? [line.entry] : [])),
        told: lines.flatMap((line) => (line.kind === 'told' ? [line.told] : [])),
      };
    },
    appendMail: (mail) => append('outbox.jsonl', { kind: 'mail', mail } satisfies OutboxLine),
    appendWithheld: (entry) => append('outbox.jsonl', { kind: 'withheld', entry } satisfies OutboxLine),
    appendTold: (told) => append('outbox.jsonl', { kind: 'told', told } satisfies OutboxLine),
    readReceived: () => readLines<object>(file('received.jsonl')),
    appendReceived: (event) => append('received.jsonl', event),
    readStoreDoor: () =>
      existsSync(file('store-door.json'))
        ? (JSON.parse(readFileSync(file('store-door.json'), 'utf8')) as StoreDoor)
        : null,
    writeStoreDoor: (door) => write('store-door.json', JSON.stringify(door)),
    removeStoreDoor: () => rmSync(file('store-door.json'), { force: true }),
  };
};
