// What an error of SES means for one mail: not sent and to be tried again, refused for good, or unknown.
import type { ActOutcome } from '../../core/ports.ts';

/**
 * Nothing was sent, and nothing is wrong with the mail. `throttled` gives the step back, so that it is tried
 * again; `refused` would skip the customer's step for a fault of ours, and a thrown error would leave it
 * armed, which ends as `uncertain`: never mailed.
 */
const NOT_SENT = 'throttled';

type Meaning = { readonly kind: Exclude<ActOutcome['kind'], 'done'>; readonly why: string };

const slowDown: Meaning = { kind: NOT_SENT, why: 'SES asked us to slow down' };
const ours = (why: string): Meaning => ({ kind: NOT_SENT, why: `SES takes no mail of ours: ${why}` });
const CREDENTIALS = ours('the AWS credentials are missing or not accepted: sign in again, or correct them');

/** By the name of the error. Source: docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  TooManyRequestsException: slowDown,
  ThrottlingException: slowDown,
  Throttling: slowDown,
  LimitExceededException: ours('a limit of the account is reached: ask AWS for a higher sending quota'),
  SendingPausedException: ours(
    'sending is paused: see the reputation of the account or configuration set, and resume it',
  ),
  AccountSuspendedException: ours(
    'the account is suspended from sending: answer the notice in its support case',
  ),
  MailFromDomainNotVerifiedException: ours(
    'the MAIL FROM domain is not verified: add its records to the DNS, or take it off the identity',
  ),
  NotFoundException: ours('the configuration set is not there: deploy the stack, or correct its name'),
  AccessDeniedException: ours(
    'access was denied: let this role send from this identity and configuration set (ses:SendEmail)',
  ),
  CredentialsProviderError: CREDENTIALS,
  ExpiredTokenException: CREDENTIALS,
  IncompleteSignatureException: CREDENTIALS,
  InvalidClientTokenId: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  MissingAuthenticationTokenException: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
  MessageRejected: { kind: 'refused', why: 'SES rejected the message' },
  BadRequestException: {
    kind: 'refused',
    why: 'SES could not take the message: an address or a header is wrong',
  },
};

/** A sandbox, or a sender that is not verified: rejected for our sake and not for the customer's. */
const UNVERIFIED = ours(
  'an address is not verified: verify the sending identity, and move the account out of the sandbox',
);

/** The connection was never made, so nothing was sent. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

const UNKNOWN: Meaning = { kind: 'unknown', why: 'SES did not answer as it should' };

type SdkError = Error & {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

const meaningOf = (error: SdkError): Meaning | null => {
  const status = error.$metadata?.httpStatusCode;
  if (error.name === 'MessageRejected' && /not verified/i.test(error.message)) return UNVERIFIED;
  const named = Object.hasOwn(BY_NAME, error.name) ? BY_NAME[error.name] : undefined;
  if (named) return named;
  if (status === 429) return slowDown;
  // "Temporarily unavailable" is a no; any other 5xx may have come after the mail was taken.
  if (status === 503) return { kind: NOT_SENT, why: 'SES is not available just now' };
  if (status !== undefined && status >= 400 && status < 500) {
    return { kind: 'refused', why: 'SES refused the request' };
  }
  if (typeof error.code === 'string' && BEFORE_SENDING.has(error.code)) {
    return { kind: NOT_SENT, why: 'SES could not be reached' };
  }
  const isOutside =
    status !== undefined ||
    typeof error.code === 'string' ||
    ['TimeoutError', 'AbortError'].includes(error.name);
  return isOutside ? UNKNOWN : null;
};

/**
 * The outcome of a mail whose sending failed; null for what is no error from outside but a fault of ours.
 * Says the error's name, never its text, which quotes addresses.
 */
export const outcomeOf = (thrown: unknown): ActOutcome | null => {
  if (!(thrown instanceof Error)) return null;
  const error: SdkError = thrown;
  const meaning = meaningOf(error);
  if (meaning === null) return null;
  const name = typeof error.code === 'string' ? error.code : error.name;
  return { kind: meaning.kind, why: `${meaning.why} (${name})` };
};
