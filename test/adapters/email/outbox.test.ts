// Holds what the outbox keeps, and when.
import { expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import { createOutbox } from '../../../adapters/memory/outbox.ts';
import type { ActOutcome } from '../../../core/ports.ts';
import { aMailRequest, at, shippedTemplates } from '../../support/mails.ts';

const compose = createComposer(shippedTemplates());
const NOW = at('2026-03-14T09:00:00Z');

test('a mail that is sent is kept with its time and an id of its own', async () => {
  const { mailer, mails } = createOutbox({ compose, now: () => NOW });
  const mail = mailer.compose(aMailRequest());
  const other = mailer.compose(aMailRequest({ stepId: 'second-mail' }));
  const messageId = '<case_in_1.in_1.first-mail@outbox.invalid>';
  expect(await mailer.send(mail)).toEqual({ kind: 'done', why: 'accepted', facts: [], messageId });
  await mailer.send(other);
  expect(mails).toEqual([
    { ...mail, at: NOW, messageId },
    { ...other, at: NOW, messageId: '<case_in_1.in_1.second-mail@outbox.invalid>' },
  ]);
});

test.each<[ActOutcome['kind'], number]>([
  ['refused', 0],
  ['throttled', 0],
  ['unknown', 1],
])('a fault answers for the mail service: %s keeps %i mail', async (kind, kept) => {
  const outcome = { kind, why: 'as told', facts: [] } as ActOutcome;
  const { mailer, mails } = createOutbox({ compose, now: () => NOW, fault: () => outcome });
  expect(await mailer.send(compose(aMailRequest()))).toBe(outcome);
  expect(mails).toHaveLength(kept);
});

test('clearing empties the list, and what comes after it is kept', async () => {
  const outbox = createOutbox({ compose, now: () => NOW, fault: () => null });
  await outbox.mailer.send(compose(aMailRequest()));
  outbox.clear();
  expect(outbox.mails).toEqual([]);
  await outbox.mailer.send(compose(aMailRequest()));
  expect(outbox.mails).toHaveLength(1);
});
