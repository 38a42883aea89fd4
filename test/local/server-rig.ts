// A local server on a free port with a small demonstration, a folder of its own and a machine clock set by hand.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebhookTarget } from '../../adapters/operator/webhook.ts';
import { signPayload } from '../../adapters/stripe/signature.ts';
import { definePolicy, type Policy } from '../../core/recovery/policy.ts';
import { addMs, instantFromMs, type Instant } from '../../core/time.ts';
import { openFolder } from '../../local/server/folder.ts';
import type { SendTo } from '../../local/server/send-to.ts';
import { serveSystem } from '../../local/server/serve.ts';
import { openSystem, type LocalSystem, type Source } from '../../local/server/system.ts';
import policyInput from '../../policy.ts';

export const SECRET = 'whsec_local';
/** When the machine's clock stands at the start of every test. */
export const MACHINE = instantFromMs(Date.UTC(2026, 2, 2, 10));

/** A running server. */
export type Rig = {
  readonly system: LocalSystem;
  readonly url: string;
  readonly get: (
    path: string,
    accept?: string,
  ) => Promise<{ status: number; text: string; headers: Headers }>;
  readonly moveClock: (fields: unknown) => Promise<{ status: number; body: Record<string, unknown> }>;
  /** Posts an event as `stripe listen` does; signed now by the machine's clock unless told otherwise. */
  readonly deliver: (event: object, signedAt?: Instant) => Promise<{ status: number; body: unknown }>;
  /** Lets the machine's clock run on. */
  readonly pass: (ms: number) => void;
  readonly stop: () => Promise<void>;
};

export type RigOptions = {
  readonly folder?: string;
  readonly source?: Source;
  readonly policy?: Policy;
  readonly machine?: Instant;
  readonly secret?: string | null;
  readonly sendTo?: SendTo;
  readonly operatorWebhook?: WebhookTarget;
  /** False: the past is not loaded yet. */
  readonly started?: boolean;
};

const DEMO: Source = { kind: 'demo', seed: 9, subscriptions: 16 };
const folders: string[] = [];
const running = new Set<Rig>();

export const freshFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-server-'));
  folders.push(folder);
  return folder;
};

/** Stops every server and removes every folder of a test. */
export const tidyUp = async (): Promise<void> => {
  for (const rig of running) await rig.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

export const startRig = async (options: RigOptions = {}): Promise<Rig> => {
  let machine = options.machine ?? MACHINE;
  const machineNow = () => machine;
  const system = await openSystem({
    source: options.source ?? DEMO,
    folder: openFolder(options.folder ?? freshFolder()),
    policy: options.policy ?? definePolicy(policyInput),
    secret: options.secret === undefined ? SECRET : options.secret,
    machineNow,
    ...(options.sendTo && { sendTo: options.sendTo }),
    ...(options.operatorWebhook && { operatorWebhook: options.operatorWebhook }),
  });
  const failures: unknown[] = [];
  const served = await serveSystem(system, 0, (error) => failures.push(error));
  const url = `http://127.0.0.1:${served.port}`;
  const rig: Rig = {
    system,
    url,
    get: async (path, accept = 'text/html') => {
      const response = await fetch(`${url}${path}`, { headers: { accept }, redirect: 'manual' });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    moveClock: async (fields) => {
      const response = await fetch(`${url}/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof fields === 'string' ? fields : JSON.stringify(fields),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    deliver: async (event, signedAt = machine) => {
      const body = JSON.stringify(event);
      const signature = signPayload(Buffer.from(body), SECRET, signedAt);
      const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
      const response = await fetch(`${url}/webhooks/stripe`, { method: 'POST', headers, body });
      return { status: response.status, body: await response.json() };
    },
    pass: (ms) => {
      machine = addMs(machine, ms);
    },
    stop: async () => {
      if (!running.delete(rig)) return;
      await served.close();
      await system.stop();
      if (failures.length > 0) throw failures[0];
    },
  };
  running.add(rig);
  if (options.started !== false) await system.start();
  return rig;
};
