// What `notify` steps tell the business, on a laptop: kept to be read, and really told only where that was asked for.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import type { OperatorMail } from '../../adapters/operator/mail.ts';
import { verifySignature } from '../../adapters/stripe/signature.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { addDays, toMs } from '../../core/time.ts';
import type { SendTo } from '../../local/server/send-to.ts';
import policyInput from '../../policy.ts';
import { story } from '../support/story.ts';
import { freshFolder, MACHINE, startRig, tidyUp, type Rig, type RigOptions } from './server-rig.ts';

afterEach(tidyUp);

const ADDRESS = 'finance@acme.example';
const WITH_STEPS = definePolicy({
  ...policyInput,
  operator: { email: ADDRESS },
  campaigns: policyInput.campaigns.map((campaign) => ({
    ...campaign,
    steps: [
      {
        id: 'tell-by-mail',
        kind: 'notify' as const,
        delayDays: 0,
        to: 'email' as const,
        note: 'Call <b>them</b>.',
      },
      { id: 'tell-by-post', kind: 'notify' as const, delayDays: 0, to: 'webhook' as const },
      ...campaign.steps,
    ],
  })),
});

/** A server on which a payment of one customer has failed for a day. */
const failed = async (options: RigOptions = {}): Promise<Rig> => {
  const rig = await startRig({
    source: { kind: 'demo', seed: 1, subscriptions: 0 },
    policy: WITH_STEPS,
    ...options,
  });
  const s = story({ start: toMs(MACHINE) / 1000, name: 'Grace Hopper', email: 'grace@customer.example' });
  for (const event of s.failed(0)) await rig.deliver(event);
  await rig.moveClock({ advance: '1d' });
  return rig;
};

test('what would be told is kept as it would go out, names no customer, and survives a restart', async () => {
  const folder = freshFolder();
  const first = await failed({ folder });
  const [mail, post, ...more] = first.system.told.toSorted((a, b) => (a.to < b.to ? -1 : 1));
  expect(more).toEqual([]);
  expect(mail).toMatchObject({ to: 'email', email: ADDRESS, stepId: 'tell-by-mail' });
  expect(post).toMatchObject({ to: 'webhook', email: null, stepId: 'tell-by-post' });
  expect(mail?.text).toContain('Note: Call <b>them</b>.');
  expect(JSON.parse(post?.text ?? '')).toMatchObject({
    version: 1,
    customer: 'stripe/cus_1',
    step: 'tell-by-post',
  });
  expect(JSON.stringify(first.system.told)).not.toMatch(/Grace|Hopper|customer\.example/);
  const page = (await first.get('/outbox')).text;
  expect(page).toContain('Told to you, the operator');
  expect(page).toContain('Call &lt;b&gt;them&lt;/b&gt;.');
  const before = [...first.system.told];
  await first.stop();
  const second = await startRig({
    folder,
    source: { kind: 'demo', seed: 1, subscriptions: 0 },
    policy: WITH_STEPS,
    machine: addDays(MACHINE, 1),
  });
  expect(second.system.told).toEqual(before);
});

test('mail to the business is really sent to the one allowed address', async () => {
  const sent: OperatorMail[] = [];
  const sendTo: SendTo = {
    address: 'Finance@Acme.example',
    mailer: (outbox) => outbox,
    operatorMail: async (mail) => {
      sent.push(mail);
      return { kind: 'done', why: 'accepted', facts: [] };
    },
  };
  const rig = await failed({ sendTo });
  expect(sent.map(({ to }) => to)).toEqual([ADDRESS]);
  expect(rig.system.told).toHaveLength(2);
});

test('a webhook that was given is posted to, signed by the machine’s own time', async () => {
  const posted: { body: string; signature: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = String(request.headers['recoup-signature']);
      posted.push({ body: Buffer.concat(chunks).toString(), signature });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const rig = await failed({ operatorWebhook: { url, signingSecret: 'a-secret-of-16-chars' } });
  expect(posted).toHaveLength(1);
  const [{ body, signature } = expect.unreachable('nothing was posted')] = posted;
  const request = { rawBody: Buffer.from(body), header: signature, secrets: ['a-secret-of-16-chars'] };
  expect(verifySignature({ ...request, now: MACHINE })).toEqual({ ok: true });
  expect(JSON.parse(body)).toMatchObject({ customer: 'stripe/cus_1', step: 'tell-by-post' });
  expect(rig.system.told).toHaveLength(2);
});
