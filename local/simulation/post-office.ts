// The mail service of a simulated world: what becomes of each mail that leaves, and how its events reach their door.
import type { Mail } from '../../core/ports.ts';
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { mailboxOf } from '../../core/recovery/customer.ts';
import { makeRecordDelivery } from '../../functions/record-delivery.ts';
import type { Random } from '../demo/random.ts';
import { faultyStore, Killed } from './faults.ts';
import { sesDetail, type SesEventType, type SesWhy } from './ses-events.ts';
import { later, noBackOff, secondOf, SILENT, type World } from './world.ts';

const HOUR_S = 3600;
const DAY_S = 86_400;
/** EventBridge gives a delivery up after a day of tries. */
const MOST_TRIES = 12;

/** How mailboxes are: so many are dead for good; before so many stands a scanner that opens every link. */
const DEAD = 0.06;
const SCANNED = 0.1;
/** The shares of mails to a living mailbox. */
const REJECTED = 0.004;
const TRANSIENT = 0.02;
const DELAYED = 0.03;
const COMPLAINED = 0.008;
const OPENED = 0.3;
const CLICKED = 0.25;

/** A mailbox is the same for all who write to it, and stays what it is. */
export type Mailbox = { readonly isDead: boolean; readonly isScanned: boolean };

/** What happens to a mail, so many seconds after it left. */
type Told = { readonly type: SesEventType; readonly afterS: number; readonly why: SesWhy };

/** What becomes of one mail. `arrivesS`: after how many seconds its reader has it; null = never. */
type Fate = { readonly arrivesS: number | null; readonly told: readonly Told[] };

type Delivers = ReturnType<typeof makeRecordDelivery>;

/** A mail under way: its events and their chance. */
type Posted = { readonly mail: Mail; readonly leftSecond: number; readonly luck: Random };

type Office = {
  readonly world: World;
  readonly door: Delivers;
  readonly process: { dead: boolean };
  /** Addresses whose readers have complained: nothing is sent there any more, whoever asks. */
  readonly suppressed: Set<string>;
  /** The mail that each customer got last. */
  readonly last: Map<CustomerKey, Posted>;
};

/** What stands for a mail in a history, and for its chance. */
export const mailName = ({ customerKey, subjectId, stepId }: Mail): string =>
  `${customerKey} ${subjectId} ${stepId}`;

const told = (type: SesEventType, afterS: number, why: SesWhy = null): Told => ({ type, afterS, why });

/** A mail that nobody gets. */
const lost = (luck: Random, why: SesWhy): Fate => {
  const isSlow = luck.chance(0.2);
  const afterS = isSlow ? luck.whole(HOUR_S, 2 * DAY_S) : luck.whole(2, 90);
  return { arrivesS: null, told: [told('Send', luck.whole(0, 3)), told('Bounce', afterS, why)] };
};

/** A mail that arrives, what its reader's program tells of it, and whether they complain. */
const delivered = (luck: Random): Fate => {
  const isDelayed = luck.chance(DELAYED);
  const arrivesS = isDelayed ? luck.whole(HOUR_S, DAY_S) : luck.whole(1, 60);
  const opensS = arrivesS + Math.round(luck.between(0.001, 4) * DAY_S);
  const [opens, clicks, complains] = [luck.chance(OPENED), luck.chance(CLICKED), luck.chance(COMPLAINED)];
  return {
    arrivesS,
    told: [
      told('Send', luck.whole(0, 3)),
      ...(isDelayed ? [told('DeliveryDelay', luck.whole(300, HOUR_S))] : []),
      told('Delivery', arrivesS),
      ...(opens ? [told('Open', opensS)] : []),
      ...(opens && clicks ? [told('Click', opensS + luck.whole(2, 600))] : []),
      ...(complains
        ? [told('Complaint', arrivesS + luck.whole(HOUR_S, 15 * DAY_S), { type: 'abuse', subType: null })]
        : []),
    ],
  };
};

const fateOf = ({ world, suppressed }: Office, { mail, luck }: Posted): Fate => {
  const roll = luck.next();
  if (suppressed.has(mail.to)) return lost(luck, { type: 'Permanent', subType: 'OnAccountSuppressionList' });
  if (mailboxIn(world, mail.to).isDead) return lost(luck, { type: 'Permanent', subType: 'General' });
  if (roll < REJECTED) return { arrivesS: null, told: [told('Reject', luck.whole(1, 5))] };
  if (roll < REJECTED + TRANSIENT) return lost(luck, { type: 'Transient', subType: 'MailboxFull' });
  return delivered(luck);
};

/** How a mailbox is: drawn by its address alone. */
export const mailboxIn = ({ random }: World, address: string): Mailbox => {
  const luck = random.fork(`mailbox ${address}`);
  return { isDead: luck.chance(DEAD), isScanned: luck.chance(SCANNED) };
};

const isForGood = ({ type, why }: Told): boolean =>
  type === 'Complaint' || (type === 'Bounce' && why?.type === 'Permanent');

/** The name of an address of a customer. */
export const addressName = (key: CustomerKey, address: string): string => `${key} ${mailboxOf(address)}`;

/** Writes down what the door has taken in: from then on the laws of it hold. */
const hear = ({ inspection }: World, { mail }: Posted, event: Told): void => {
  const { customerKey: key, caseId, subjectId, stepId, message } = mail;
  if (isForGood(event)) inspection.cameBack.add(addressName(key, mail.to));
  const isBack = event.type === 'Bounce' || event.type === 'Reject';
  if (isBack && message === 'final-notice') inspection.noticeCameBack.add(`${key} ${subjectId}`);
  // What comes when the case is over can put none of its steps right any more.
  const isOpen = inspection.latest.get(key)?.recovery.case?.id === caseId;
  if (event.type !== 'Reject' && isOpen) inspection.toldSent.add(`${key} ${caseId} ${subjectId} ${stepId}`);
};

/** Brings an event to the door until it is taken, as EventBridge does: what failed comes again, later and later. */
const bring = async (office: Office, posted: Posted, event: Told, tries = 0): Promise<void> => {
  const { world, door, process } = office;
  const { mail, leftSecond } = posted;
  const { type, afterS, why } = event;
  if (isForGood(event)) world.inspection.toldBack.add(addressName(mail.customerKey, mail.to));
  let came = 'failed';
  try {
    const detail = sesDetail(mail, type, { leftSecond, second: leftSecond + afterS, why });
    const { outcome } = await door({ detail });
    came = outcome;
    world.events += 1;
    if (outcome === 'recorded' || outcome === 'unchanged') hear(world, posted, event);
  } catch (error) {
    const isFault = process.dead || error instanceof Killed || (error as Error).name === 'OutsideError';
    if (!isFault) throw error;
    const wait = 60 * 2 ** Math.min(tries, 8);
    if (tries < MOST_TRIES)
      later(world, secondOf(world) + wait, () => bring(office, posted, event, tries + 1));
  }
  // A process that was killed is started again for the next event.
  process.dead = false;
  world.tell(mail.customerKey, `mail service: ${type} of ${mail.stepId} of ${mail.subjectId}: ${came}`);
};

/** Sends an event on its way to the door, with what may befall it there: at least once it comes at best. */
const sendOff = (office: Office, posted: Posted, event: Told): void => {
  const { world } = office;
  const { faults } = world;
  const { mail, leftSecond } = posted;
  const about = mail.customerKey;
  if (world.unheard.has(event.type)) return;
  if (faults.happens('delivery_event_lost', about)) return;
  // A stream of its own, so that no event hangs on whether another is told.
  const luck = posted.luck.fork(event.type);
  const late = faults.happens('delivery_event_late', about) ? luck.whole(HOUR_S, 5 * DAY_S) : 0;
  const reordered = faults.happens('delivery_event_reordered', about) ? luck.whole(5, HOUR_S) : 0;
  const at = leftSecond + event.afterS + luck.whole(0, 2) + late + reordered;
  const arrive = (second: number) => later(world, second, () => bring(office, posted, event));
  arrive(at);
  if (faults.happens('delivery_event_repeated', about)) arrive(at + luck.whole(0, 2 * HOUR_S));
  if (faults.happens('delivery_event_after_close', about)) arrive(at + luck.whole(20, 60) * DAY_S);
};

/** A reader complains this very moment about the mail they got last, and that is told at once. */
const complainNow = async (office: Office, key: CustomerKey): Promise<void> => {
  const { world, last, suppressed } = office;
  const posted = last.get(key);
  if (!posted || !world.faults.happens('complained_between_refresh_and_arm', key)) return;
  suppressed.add(posted.mail.to);
  const afterS = secondOf(world) - posted.leftSecond;
  await bring(office, posted, told('Complaint', afterS, { type: 'abuse', subType: null }));
};

/** Takes a mail that leaves on its way. */
const take = (office: Office, mail: Mail, arrived: (mail: Mail, mailbox: Mailbox) => void): void => {
  const { world, suppressed, last } = office;
  const { customerKey: key, caseId, subjectId, stepId, to } = mail;
  if (world.leftOut(`mail ${mailName(mail)}`)) return;
  const luck = world.luckOf(`post of ${splitKey(key).customerId}`).fork(`${caseId} ${subjectId} ${stepId}`);
  const posted = { mail, leftSecond: secondOf(world), luck };
  const fate = fateOf(office, posted);
  for (const event of fate.told) {
    sendOff(office, posted, event);
    if (event.type === 'Complaint')
      later(world, posted.leftSecond + event.afterS, () => void suppressed.add(to));
  }
  if (fate.arrivesS === null) return;
  later(world, posted.leftSecond + fate.arrivesS, () => {
    last.set(key, posted);
    arrived(mail, mailboxIn(world, to));
  });
};

/** The mail service as the world uses it. */
export type PostOffice = {
  readonly take: (mail: Mail) => void;
  /** What may be told of an earlier mail in the middle of a visit. */
  readonly complainNow: (key: CustomerKey) => Promise<void>;
};

/** Opens the mail service. `arrived` is told when a reader has a mail. */
export const openPostOffice = (world: World, arrived: (mail: Mail, mailbox: Mailbox) => void): PostOffice => {
  const process = { dead: false };
  const store = faultyStore(world.watch.store, process, world.faults);
  const door = makeRecordDelivery({ store, telemetry: SILENT, backOff: noBackOff, now: world.clock.now });
  const office: Office = { world, door, process, suppressed: new Set(), last: new Map() };
  return {
    take: (mail) => take(office, mail, arrived),
    complainNow: (key) => complainNow(office, key),
  };
};
