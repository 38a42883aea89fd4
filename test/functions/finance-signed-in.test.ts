// Who is signed in to the finance API, by each authorizer: nobody by a guess, and nobody without a role.
import { describe, expect, test } from 'vitest';
import { signedIn } from '../../functions/finance/signed-in.ts';
import type { HttpEvent } from '../../functions/middleware.ts';
import { BY_IAM, byToken } from '../support/finance.ts';

const whoIs = (authorizer: unknown) =>
  signedIn({ requestContext: { authorizer } as unknown } as unknown as HttpEvent);

const claims = (all: Record<string, unknown>) => ({ jwt: { claims: all, scopes: null } });

describe('signed in by IAM', () => {
  test.each([
    [BY_IAM.iam.userArn, 'Finance/ana@example.com'],
    ['arn:aws:iam::123456789012:user/ana', 'user/ana'],
    ['arn:aws:iam::123456789012:root', 'root'],
    ['arn:aws-cn:sts::123456789012:assumed-role/AWSReservedSSO_x/ana', 'AWSReservedSSO_x/ana'],
  ])('%s is %s, whose own policy has said what may be called', (userArn, who) => {
    expect(whoIs({ iam: { userArn } })).toEqual({ who, role: 'operator' });
  });

  test.each([{ iam: {} }, { iam: { userArn: '' } }, { iam: { userArn: 'ana' } }, { iam: null }])(
    '%j is nobody',
    (authorizer) => {
      expect(whoIs(authorizer)).toBeNull();
    },
  );
});

describe('signed in by a token', () => {
  test.each([
    [byToken('finance'), 'finance'],
    [byToken('operator'), 'operator'],
    [byToken('finance', 'operator'), 'operator'],
    [claims({ email: 'ana@example.com', roles: ['finance'] }), 'finance'],
    [claims({ email: 'ana@example.com', 'cognito:groups': 'staff,operator' }), 'operator'],
  ])('%j has the role %s', (authorizer, role) => {
    expect(whoIs(authorizer)).toEqual({ who: 'ana@example.com', role });
  });

  test('is named by the plainest claim there is', () => {
    const roles = 'finance';
    expect(whoIs(claims({ sub: 'u-1', roles }))?.who).toBe('u-1');
    expect(whoIs(claims({ sub: 'u-1', preferred_username: 'ana', roles }))?.who).toBe('ana');
    expect(whoIs(claims({ sub: 'u-1', email: '\u202Eana', roles }))?.who).toBe('u-1');
    for (const email_verified of [false, 'false']) {
      expect(whoIs(claims({ sub: 'u-1', email: 'ceo@example.com', email_verified, roles }))?.who).toBe('u-1');
    }
    const checked = claims({ sub: 'u-1', email: 'ana@example.com', email_verified: 'true', roles });
    expect(whoIs(checked)?.who).toBe('ana@example.com');
  });

  test.each([
    ['no role', byToken()],
    ['a role that is not ours', byToken('admin', 'operators', 'Operator')],
    ['no name', claims({ roles: 'operator' })],
    ['a name that is too long', claims({ sub: 'x'.repeat(300), roles: 'operator' })],
    [
      'a role that every object inherits',
      claims(Object.create({ roles: 'operator', sub: 'u' }) as object as never),
    ],
    ['no claims', { jwt: {} }],
    ['claims that are none', { jwt: { claims: 'operator' } }],
  ])('with %s is nobody', (_, authorizer) => {
    expect(whoIs(authorizer)).toBeNull();
  });

  test('a token decides, even one that lets nobody in, whatever machine brought it', () => {
    expect(whoIs({ ...BY_IAM, ...byToken() })).toBeNull();
    expect(whoIs({ ...BY_IAM, ...byToken('finance') })).toMatchObject({ role: 'finance' });
  });
});

test.each([undefined, null, {}, 'iam', { lambda: { role: 'operator', sub: 'u' } }])(
  'an authorizer %j lets nobody in',
  (authorizer) => {
    expect(whoIs(authorizer)).toBeNull();
  },
);
