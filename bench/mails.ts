// How long one mail takes to compose, warm: every message in every language, and the largest there is.
import { createComposer } from '../adapters/email/render.ts';
import { LANGUAGES, MESSAGES, type MailRequest } from '../core/ports.ts';
import { loadEmails } from '../local/emails.ts';
import { sampleRequest, type Scenario } from '../local/mail-samples.ts';

const SENDER = {
  name: 'Example Company',
  email: 'billing@example.com',
  replyTo: 'support@example.com',
  supportEmail: 'support@example.com',
};
const WARM_UP = 10;
const ROUNDS = 40;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

const requestsOf = (scenario: Scenario): readonly MailRequest[] =>
  MESSAGES.flatMap((message) =>
    LANGUAGES.map((language) => sampleRequest({ message, language, scenario, sender: SENDER })),
  );

/** Milliseconds a mail, the usual one and one of thirty invoices, and the largest in KB of its HTML. */
export const benchMails = async (): Promise<Readonly<Record<string, number>>> => {
  const compose = createComposer(loadEmails());
  const timesOf = (requests: readonly MailRequest[]): readonly number[] => {
    const times: number[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      for (const request of requests) {
        const start = performance.now();
        compose(request);
        if (round >= WARM_UP) times.push(performance.now() - start);
      }
    }
    return times.sort((a, b) => a - b);
  };
  const [usual, long] = [timesOf(requestsOf('usual')), timesOf(requestsOf('thirty-invoices'))];
  const sizes = requestsOf('thirty-invoices').map((request) => Buffer.byteLength(compose(request).html));
  return {
    mailP50Ms: quantile(usual, 0.5),
    mailP99Ms: quantile(usual, 0.99),
    'mail of thirty invoices, p50 ms': quantile(long, 0.5),
    mailLargestKB: Math.max(...sizes) / 1000,
  };
};
