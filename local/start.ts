// `npm start`: the whole system on this machine, with a demonstration or, with STRIPE_API_KEY, on a real account.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { TARGET_SECRET, type WebhookTarget } from '../adapters/operator/webhook.ts';
import { loadPolicy } from '../cli/load-policy.ts';
import { UserError } from '../cli/user-error.ts';
import { instantFromMs } from '../core/time.ts';
import { folderOf, openFolder } from './server/folder.ts';
import { progressOf } from './server/pages/layout.ts';
import { dateAndTime, plural } from './server/pages/words.ts';
import { sesTo, stripeSource } from './server/real.ts';
import type { SendTo } from './server/send-to.ts';
import { serveSystem, type Served } from './server/serve.ts';
import { openSystem, type LocalSystem, type Source } from './server/system.ts';

const DEFAULT_PORT = 4100;
/** As many as load in some fifteen seconds on two cores. */
const SUBSCRIPTIONS = 340;
/** One in five gets no reminders there, so that it can be seen what the mails bring. */
const HOLDOUT = 0.2;
const TICK_MS = 2000;
const LOOK_AHEAD_MS = 3_600_000;
const PROGRESS_MS = 250;
/** How soon it is noticed that npm is gone. */
const PARENT_MS = 200;
/** Without a terminal progress is told by whole lines, so more seldom. */
const PROGRESS_LINE_MS = 2000;

const machineNow = () => instantFromMs(Date.now());

const portIn = (text: string | undefined): number => {
  if (text === undefined || text === '') return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UserError(`PORT is "${text}": write a number from 0 to 65535`);
};

const sourceOf = (apiKey: string | undefined): Source => {
  if (apiKey === undefined || apiKey === '') {
    return { kind: 'demo', seed: randomInt(2 ** 31), subscriptions: SUBSCRIPTIONS, holdout: HOLDOUT };
  }
  return stripeSource(apiKey);
};

const HOW_TO_SEND = 'write: npm start -- --send-to me@example.com --configuration-set NAME';

/** Mail is sent only when asked for by name, and to one address. */
const sendToIn = (args: readonly string[]): SendTo | null => {
  try {
    const options = { 'send-to': { type: 'string' }, 'configuration-set': { type: 'string' } } as const;
    const { 'send-to': address, 'configuration-set': set } = parseArgs({ args: [...args], options }).values;
    if (address === undefined && set === undefined) return null;
    if (address?.includes('@') && set) return sesTo(address, set);
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}; ${HOW_TO_SEND}`);
  }
  throw new UserError(`an address and an SES configuration set belong together; ${HOW_TO_SEND}`);
};

/** Where `notify` steps are posted, only when asked for by name and on a real account: invented cases are no news. */
const operatorWebhookIn = (text: string | undefined, source: Source): WebhookTarget | null => {
  if (text === undefined || text === '' || source.kind === 'demo') return null;
  const parsed = TARGET_SECRET.parse(text);
  if ('value' in parsed) return parsed.value;
  throw new UserError(`OPERATOR_WEBHOOK: ${parsed.wrong}; ${TARGET_SECRET.how}`);
};

const taken = (port: number, error: NodeJS.ErrnoException): Error =>
  error.code === 'EADDRINUSE'
    ? new UserError(`port ${port} is taken: stop what uses it, or choose another: PORT=${port + 1} npm start`)
    : error;

const greet = (system: LocalSystem, { port }: Served, secretIsGiven: boolean): void => {
  const address = `http://localhost:${port}`;
  const data =
    system.kind === 'demo'
      ? 'DEMONSTRATION data: every customer, payment and mail is invented'
      : 'your Stripe account, read only: nothing is changed there';
  const mails = system.sendsTo
    ? `to ${system.sendsTo} by SES, all others to the outbox`
    : 'to the outbox only';
  console.log(`Recoup runs at ${address}
  data     ${data}
  mails    ${mails}: ${address}/outbox
  folder   ${system.folderPath} (delete it to begin anew)
  webhook  POST ${address}/webhooks/stripe, signed with ${secretIsGiven ? 'STRIPE_WEBHOOK_SECRET' : system.secret}
  forward  export STRIPE_WEBHOOK_SECRET=$(stripe listen --print-secret), start again, then
           stripe listen --forward-to localhost:${port}/webhooks/stripe`);
  if (system.kind === 'demo') {
    console.log(`  clock    ${address}/clock, or: curl ${address}/clock --json '{"advance":"3d"}'`);
  }
  console.log('  stop     Ctrl-C');
};

/** Tells how far a long activity is, now and then. */
const watchProgress = (system: LocalSystem): NodeJS.Timeout => {
  const { isTTY } = process.stdout;
  let last = '';
  const tell = (line: string) => {
    if (isTTY) process.stdout.write(`\r${line}\u001B[K`);
    else if (line !== '') console.log(line);
  };
  return setInterval(
    () => {
      const activity = system.activity();
      const line = activity ? progressOf(activity, system.now()) : '';
      if (line !== last) tell(line);
      last = line;
    },
    isTTY ? PROGRESS_MS : PROGRESS_LINE_MS,
  );
};

const summary = (system: LocalSystem): string => {
  const cases = system.books.all();
  const open = cases.filter(({ customer }) => customer !== null).length;
  return `${plural(cases.length, 'case')}, ${open} open, ${plural(system.mails.length, 'mail')} in the outbox; the clock shows ${dateAndTime(system.now())} UTC`;
};

/** Resolves when this process is asked to end. */
const untilAsked = (): Promise<void> =>
  new Promise((resolve) => {
    // A second signal changes nothing: npm passes on what the terminal has sent to us already.
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
    // npm hands a SIGTERM to the shell between us, which dies of it and tells us nothing.
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const parent = process.ppid;
    const watching = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watching);
      resolve();
    }, PARENT_MS);
    watching.unref();
  });

const say = (error: unknown): void => console.error('recoup:', error);

const run = async (): Promise<void> => {
  const asked = untilAsked();
  const port = portIn(process.env['PORT']);
  const policy = await loadPolicy(undefined);
  const source = sourceOf(process.env['STRIPE_API_KEY']);
  const secret = process.env['STRIPE_WEBHOOK_SECRET'] || null;
  const sendTo = sendToIn(process.argv.slice(2));
  const operatorWebhook = operatorWebhookIn(process.env['OPERATOR_WEBHOOK'], source);
  const system = await openSystem({
    source,
    policy,
    secret,
    folder: openFolder(folderOf(source.kind)),
    machineNow,
    ...(sendTo && { sendTo }),
    ...(operatorWebhook && { operatorWebhook }),
    trouble: (line) => console.error(`recoup: ${line}`),
  });
  const served = await serveSystem(system, port, say).catch(async (error: NodeJS.ErrnoException) => {
    await system.stop();
    throw taken(port, error);
  });
  greet(system, served, secret !== null);
  const began = performance.now();
  const progress = watchProgress(system);
  const ticking = setInterval(() => void system.tick().catch(say), TICK_MS);
  // A demonstration takes its looks ahead by itself, at its own times.
  const look = () => void system.lookAhead().catch(say);
  const looking = system.kind === 'stripe' ? setInterval(look, LOOK_AHEAD_MS) : null;
  let stopping = false;
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  const tellReady = async () => {
    await system.start();
    if (stopping) return;
    console.log(`ready after ${seconds()} s: ${summary(system)}`);
    if (looking !== null) look();
  };
  const started = tellReady().catch(say);
  await asked;
  stopping = true;
  clearInterval(ticking);
  if (looking !== null) clearInterval(looking);
  clearInterval(progress);
  console.log('stopping');
  await served.close();
  await system.stop();
  await started;
  console.log('stopped; everything is kept');
};

try {
  await run();
} catch (error) {
  console.error(`recoup: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
