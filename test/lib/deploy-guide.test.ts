// What docs/deploy.md tells people to do is what the code expects of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import config from '../../lib/config.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');

const events = (/these events:\n\n```\n([^`]+)```/.exec(GUIDE)?.[1] ?? '').split(/\s+/).filter(Boolean);

test('the events that Stripe is asked to send are those that are used, each once', () => {
  const code = readFileSync(join(ROOT, 'adapters', 'stripe', 'translate.ts'), 'utf8');
  const used = [...code.matchAll(/^ {2}'([a-z_]+\.[a-z_.]+)': (?!')/gm)].map(([, type = '']) => type);
  expect(events.toSorted()).toEqual(used.toSorted());
});

test('the secrets to be created are those that the first stage reads', () => {
  const created = [...GUIDE.matchAll(/create-secret --name (\S+)/g)].map(([, name]) => name);
  const { stripe } = config.dev.connections;
  const { webhookSecretName } = config.dev.operator;
  const { linkSecretName } = config.dev.customerPage;
  expect(created).toEqual([
    stripe?.apiKeySecretName,
    linkSecretName,
    stripe?.webhookSecretName,
    webhookSecretName,
  ]);
});
