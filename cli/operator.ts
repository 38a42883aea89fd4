// What the commands about one customer share: whom they mean, who asks and why, and how the answer is told.
import { type Command, InvalidArgumentError } from 'commander';
import { customerKey, isConnection, isProviderId, splitKey, type CustomerKey } from '../core/ids.ts';
import { addDays } from '../core/time.ts';
import { monthsBetween } from '../core/workflows/read-cases.ts';
import { isHeardOf, type OperateDeps, type Operated, type Operator } from '../core/workflows/operate.ts';
import { backOff } from '../functions/lambda/root.ts';
import { CONNECTION } from '../local/server/system.ts';
import { asJson, plain } from './printed.ts';
import {
  stageNamed,
  withStore,
  withStoreOptions,
  type StoreOptions,
  type StoreTarget,
} from './store-target.ts';
import { UserError } from './user-error.ts';

/** What every command that changes a customer takes. */
export type OperatorOptions = StoreOptions & {
  readonly who?: string;
  readonly note?: string;
  readonly ifVersion?: number;
  readonly json?: boolean;
};

const LONGEST = 500;

const wholeVersion = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write the version that "recoup case" showed, a whole number.');
};

/** Adds the argument and the options of a command that changes one customer. */
export const withOperatorOptions = (command: Command): Command =>
  withStoreOptions(command)
    .argument('<customer>', 'its id, cus_…, or with the connection, stripe/cus_…')
    .option('--who <name>', 'who asks for it: it stands in the journal')
    .option('--note <text>', 'why: it stands in the journal')
    .option('--if-version <n>', 'only if the customer is still at this version', wholeVersion)
    .option('--json', 'print everything as JSON');

const given = (name: string, text: string | undefined): string => {
  const trimmed = plain((text ?? '').trim());
  if (trimmed !== '' && trimmed.length <= LONGEST) return trimmed;
  throw new UserError(`${name} is needed, at most ${LONGEST} characters: the journal says who asked and why`);
};

/** Who asks and why. Throws {@link UserError} when one of them is not said. */
export const operatorOf = ({ who, note, ifVersion }: OperatorOptions): Operator => ({
  who: given('--who NAME', who),
  note: given('--note TEXT', note),
  ifVersion: ifVersion ?? null,
});

/** The connections there are on a store. */
export const connectionsOf = async ({ stage }: StoreOptions): Promise<readonly string[]> =>
  stage === undefined ? [CONNECTION] : Object.keys((await stageNamed(stage)).settings.connections);

const keysFor = (id: string, connections: readonly string[]): readonly CustomerKey[] => {
  const slash = id.indexOf('/');
  const [connection, name] = slash === -1 ? [null, id] : [id.slice(0, slash), id.slice(slash + 1)];
  const isNamed = connection === null || (isConnection(connection) && connections.includes(connection));
  if (!isNamed) {
    throw new UserError(`there is no connection "${plain(connection)}": there is ${connections.join(', ')}`);
  }
  if (!isProviderId(name) || name.includes('/')) {
    throw new UserError(`"${plain(id)}" is no customer’s id: write cus_… or CONNECTION/cus_…`);
  }
  return (connection === null ? connections : [connection]).map((one) => customerKey(one, name));
};

const one = (id: string, found: readonly CustomerKey[]): CustomerKey | null => {
  if (found.length < 2) return found[0] ?? null;
  throw new UserError(`"${plain(id)}" is on several connections: write one of ${found.join(', ')}`);
};

const MONTHS_BACK_DAYS = 400;

/**
 * The customer of an invoice. A table is keyed by customer, so nothing there finds an invoice; the store on this machine
 * is small enough to read every case of the last 400 days.
 */
const keyOfInvoice = async ({ store, now }: StoreTarget, invoiceId: string): Promise<CustomerKey | null> => {
  const at = now();
  for (const month of monthsBetween(addDays(at, -MONTHS_BACK_DAYS), at).reverse()) {
    for (const { key } of await store.listCases(month)) {
      const { facts, recovery } = await store.load(key, at);
      const isOpen = recovery.case?.ladders.some((ladder) => ladder.invoiceId === invoiceId) ?? false;
      if (isOpen || Object.hasOwn(facts.tombstones, invoiceId)) return key;
    }
  }
  return null;
};

/** Whether a text is an invoice's id, as Stripe writes them. */
export const isInvoiceId = (id: string): boolean => /^in_\w+$/.test(id);

/** Whom an id means: of those we have heard of, on any connection. Throws {@link UserError} with what to give. */
export const findCustomer = async (
  target: StoreTarget,
  id: string,
  connections: readonly string[],
): Promise<CustomerKey> => {
  if (isInvoiceId(id)) {
    if (target.kind === 'stage') {
      throw new UserError(
        `${id} is an invoice, and the table finds customers only: give the customer’s id (cus_…), ` +
          'which the invoice’s page at the provider shows',
      );
    }
    const found = await keyOfInvoice(target, id);
    if (found !== null) return found;
    throw new UserError(
      `no case of the last ${MONTHS_BACK_DAYS} days in ${target.where} has the invoice ${id}: give the customer’s id (cus_…)`,
    );
  }
  const found: CustomerKey[] = [];
  for (const key of keysFor(id, connections)) {
    if (isHeardOf(await target.store.load(key, target.now()))) found.push(key);
  }
  const key = one(id, found);
  if (key !== null) return key;
  throw new UserError(
    `nothing is known of ${plain(id)} on ${connections.join(', ')} in ${target.where}: no payment of theirs has ` +
      'failed, or it was long ago. Is the id right, and is it the right store (--live, --stage)?',
  );
};

/** The key that an id means, known or not: with several connections it has to name one. */
export const keyMeant = async (
  target: StoreTarget,
  id: string,
  connections: readonly string[],
): Promise<CustomerKey> => {
  const keys = keysFor(id, connections);
  if (keys.length === 1 && keys[0]) return keys[0];
  return findCustomer(target, id, connections).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}. Or name the connection: ${keys.join(' or ')}`);
  });
};

/** A change of one customer, ready to be made. */
export type Change = (
  deps: OperateDeps,
  key: CustomerKey,
  by: Operator,
  target: StoreTarget,
) => Promise<Operated>;

/** What was done, in words; of what was refused, why. */
const said = (key: CustomerKey, what: string, done: Operated): string =>
  done.kind === 'refused'
    ? `${plain(done.why)}. Nothing was changed.`
    : [
        `${plain(key)}: ${what}. It is at version ${done.version} now.`,
        ...done.told.map((line) => `  ${plain(line)}`),
        `See what comes next: npx recoup case ${plain(splitKey(key).customerId)}`,
      ].join('\n');

/** Finds the customer, makes one change, and tells of it. `unheard`: also of somebody of whom nothing is known. */
export const operateOn = async (
  id: string,
  options: OperatorOptions,
  { what, unheard = false }: { readonly what: string; readonly unheard?: boolean },
  change: Change,
): Promise<void> => {
  const by = operatorOf(options);
  const connections = await connectionsOf(options);
  await withStore(options, async (target) => {
    const find = unheard && !isInvoiceId(id) ? keyMeant : findCustomer;
    const key = await find(target, id, connections);
    const done = await change({ store: target.store, backOff }, key, by, target);
    if (done.kind === 'refused') process.exitCode = 1;
    if (options.json) return console.log(asJson({ where: target.where, key, ...done }));
    (done.kind === 'refused' ? console.error : console.log)(said(key, what, done));
  });
};
