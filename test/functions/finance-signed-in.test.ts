// Who is signed in to the finance API by their token: nobody by a guess, and nobody under a name that nobody has verified.
import { describe, expect, test } from 'vitest';
import { signedInBy } from '../../functions/finance/signed-in.ts';
import type { HttpEvent } from '../../functions/middleware.ts';
import { byToken, ROLE_CLAIMS } from '../support/finance.ts';

const whoIs = (authorizer: unknown, roleClaims = ROLE_CLAIMS) =>
  signedInBy(roleClaims)({ requestContext: { authorizer } as unknown } as unknown as HttpEvent);

const claims = (all: Record<string, unknown>) => ({ jwt: { claims: all, scopes: null } });
const ANA = { sub: 'u-1', email: 'ana@example.com', email_verified: 'true' };

describe('the role', () => {
  test.each([
    [byToken('finance'), 'finance'],
    [byToken('operator'), 'operator'],
    [byToken('finance', 'operator'), 'operator'],
    [claims({ ...ANA, roles: ['finance'] }), 'finance'],
    [claims({ ...ANA, roles: 'finance', groups: '[operator]' }), 'operator'],
    [claims({ ...ANA, 'cognito:groups': '[staff operator]' }), 'operator'],
    [claims({ ...ANA, 'cognito:groups': 'staff,operator' }), 'operator'],
  ])('of %j is %s', (authorizer, role) => {
    expect(whoIs(authorizer)).toEqual({ who: 'ana@example.com', role });
  });

  test.each([
    ['no role', byToken()],
    ['roles that are not ours', byToken('admin', 'operators', 'Operator')],
    ['a role in a claim that is not read', claims({ ...ANA, scope: 'operator', role: 'operator' })],
    ['a role that every object inherits', claims(Object.assign(Object.create({ roles: 'operator' }), ANA))],
    ['a list of something else', claims({ ...ANA, roles: [['operator'], { operator: true }, null] })],
    ['a list in JSON', claims({ ...ANA, roles: '["operator"]' })],
    ['a list in a list', claims({ ...ANA, roles: '[[operator] [finance]]' })],
    [
      'a role that begins or ends like ours',
      claims({ ...ANA, roles: '[no-operator operator-past operator.]' }),
    ],
    ['no claim that is a text', claims({ ...ANA, roles: true, groups: 7, 'cognito:groups': null })],
  ])('of a token with %s is none', (_, authorizer) => {
    expect(whoIs(authorizer)).toEqual({ who: 'ana@example.com', role: null });
  });

  test('stands in the claims and under the words that the settings name, and in no other', () => {
    const own = { claims: ['https://acme.test/roles'], finance: ['8f1c', 'accounting'], operator: ['b2e0'] };
    const is = (all: object) => whoIs(claims({ ...ANA, ...all }), own)?.role;
    expect(is({ 'https://acme.test/roles': '[b2e0]' })).toBe('operator');
    expect(is({ 'https://acme.test/roles': 'accounting' })).toBe('finance');
    expect(is({ 'https://acme.test/roles': '[8f1c b2e0]' })).toBe('operator');
    expect(is({ 'https://acme.test/roles': '[operator]', roles: '[b2e0]' })).toBeNull();
  });
});

describe('the name', () => {
  const named = (all: object) => whoIs(claims({ roles: 'finance', ...all }))?.who;

  test('is a verified address, else the preferred name, else the subject', () => {
    const all = { sub: 'u-1', preferred_username: 'ana', email: 'ana@example.com' };
    for (const email_verified of [true, 'true']) {
      expect(named({ ...all, email_verified })).toBe('ana@example.com');
    }
    for (const email_verified of [undefined, false, 'false', 'yes', 1]) {
      expect(named({ ...all, email_verified })).toBe('ana');
    }
    expect(named({ sub: 'u-1', email: 'ceo@example.com' })).toBe('u-1');
  });

  test('is one that the journal can show', () => {
    expect(named({ ...ANA, email: '\u202Eana@example.com' })).toBe('u-1');
    expect(named({ ...ANA, email: `${'a'.repeat(300)}@example.com` })).toBe('u-1');
    expect(named({ ...ANA, email: ' ana@example.com ' })).toBe('ana@example.com');
  });
});

test.each([
  ['no name', claims({ roles: 'operator' })],
  ['a name that is too long', claims({ sub: 'x'.repeat(300), roles: 'operator' })],
  ['a name that every object inherits', claims(Object.create({ sub: 'u', roles: 'operator' }) as never)],
  ['no claims', { jwt: {} }],
  ['claims that are none', { jwt: { claims: 'operator' } }],
])('a token with %s is nobody’s', (_, authorizer) => {
  expect(whoIs(authorizer)).toBeNull();
});

test('an access token of Cognito, which API Gateway lets through, lets nobody in; an ID token does', () => {
  const token = { ...ANA, 'cognito:groups': '[operator]' };
  expect(whoIs(claims({ ...token, token_use: 'access', client_id: 'c-1' }))).toBeNull();
  expect(whoIs(claims({ ...token, token_use: 'id', aud: 'c-1' }))).toMatchObject({ role: 'operator' });
});

test('a token that API Gateway took by its client alone is no ID token, whoever made it: those always say whom they are for', () => {
  const token = { ...ANA, roles: '[operator]' };
  expect(whoIs(claims({ ...token, client_id: 'c-1' }))).toBeNull();
  expect(whoIs(claims({ ...token, client_id: 'c-1', aud: 'c-1' }))).toMatchObject({ role: 'operator' });
});

test.each([
  undefined,
  null,
  {},
  'jwt',
  { lambda: { role: 'operator', sub: 'u' } },
  { iam: { userArn: 'arn:aws:iam::123456789012:user/ana' } },
])('an authorizer %j lets nobody in', (authorizer) => {
  expect(whoIs(authorizer)).toBeNull();
});
