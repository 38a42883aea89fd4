// Signing in to the finance page, from the first visit to the last, in a browser, with a strict provider and an API that checks tokens.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_ID, TOKEN_SECONDS } from '../support/oidc-provider.ts';
import { CHROMIUM } from './chromium.ts';
import { startSigningIn, type SignInRig } from './signing-in.ts';

const EMAIL = { email: 'ana@example.com', email_verified: true };
const FINANCE = { ...EMAIL, 'cognito:groups': ['finance'] };
const OPERATOR = { ...EMAIL, 'cognito:groups': ['staff', 'operator'] };

const PLACE = '#/overview?from=2026-02&to=2026-03&kind=payment_failure';
const OTHER = '#/overview?from=2026-03&to=2026-03';

describe.skipIf(CHROMIUM === null)('signing in to the finance page', () => {
  let rig: SignInRig;
  beforeAll(async () => {
    rig = await startSigningIn();
    await rig.looker.page.setViewportSize({ width: 1200, height: 900 });
  }, 60_000);
  afterAll(() => rig.stop());
  beforeEach(() => rig.reset());
  // Neither its policy nor anything else stood in the way of what the page wanted.
  afterEach(() => {
    if (said().length > 0) throw new Error(said().join('\n'));
  });

  const page = () => rig.looker.page;
  const figures = () => page().waitForSelector('main .lead .huge');
  const hash = () => new URL(page().url()).hash;
  const signIns = () => rig.provider.asked.authorize.length;
  const grants = (kind: string) =>
    rig.provider.asked.token.filter(({ grant_type }) => grant_type === kind).length;

  const visit = async (person: Readonly<Record<string, unknown>> | null, place = PLACE): Promise<void> => {
    rig.provider.person = person;
    await page().goto(`${rig.origin}/${place}`);
  };
  const signIn = async (
    person: Readonly<Record<string, unknown>> = FINANCE,
    place = PLACE,
  ): Promise<void> => {
    await visit(person, place);
    await figures();
    await page().waitForSelector('.who');
  };
  const goTo = (place: string): Promise<void> => page().evaluate(`location.hash = ${JSON.stringify(place)}`);
  /** The page stands, and stays, with a notice. */
  const noticed = async (): Promise<string> => {
    await page().waitForSelector('.notice h1, .notice h2');
    await page().waitForLoadState('networkidle');
    return page().innerText('.notice');
  };
  /** What the page said or failed at; what Chromium itself says of an answer with a problem is none of it. */
  const said = () =>
    rig.looker.deeds.filter((deed) => !deed.startsWith('asked for ') && !deed.includes('status of'));

  test('the first visit leads to the provider, with a challenge, a state and a nonce, and back to the same place', async () => {
    await signIn();
    expect(hash()).toBe(PLACE);
    const [asked = {}] = rig.provider.asked.authorize;
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: `${rig.origin}/`,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    expect(signIns()).toBe(1);
    expect(grants('authorization_code')).toBe(1);
    expect(rig.answers).toEqual(expect.arrayContaining(['GET /me 200', 'GET /reports/recovery 200']));
  });

  test('the code leaves the address, and no token is kept by the browser', async () => {
    await signIn();
    expect(page().url()).toBe(`${rig.origin}/${PLACE}`);
    expect(await page().evaluate('[sessionStorage.length, localStorage.length, document.cookie]')).toEqual([
      0,
      0,
      '',
    ]);
    await page().goBack();
    expect(page().url()).not.toContain('code=');
  });

  test('nothing of the finance API is asked for before somebody is signed in', async () => {
    await visit(null);
    await page().waitForSelector('h1:has-text("Who are you?")');
    expect(rig.answers).toEqual([]);
  });

  test('a token that is too old is renewed without leaving the page, each time by the newest refresh token', async () => {
    await signIn();
    for (const [times, place] of [OTHER, PLACE, OTHER].entries()) {
      const before = rig.provider.newest;
      await rig.pass((TOKEN_SECONDS + 1) * 1000);
      rig.answers.length = 0;
      const answered = page().waitForResponse((one) => one.url().includes('/api/reports') && one.ok());
      await goTo(place);
      await answered;
      expect(rig.answers).toEqual(['GET /reports/recovery 401', 'GET /reports/recovery 200']);
      expect(rig.provider.asked.token.at(-1)).toMatchObject({ refresh_token: before });
      expect(grants('refresh_token')).toBe(times + 1);
    }
    expect(signIns()).toBe(1);
  });

  test('when no newer token is given somebody signs in again, and is back at the same place', async () => {
    await signIn();
    rig.provider.refreshing = 'refused';
    await rig.pass((TOKEN_SECONDS + 1) * 1000);
    await goTo(OTHER);
    await page().waitForURL((url) => url.searchParams.has('code'));
    await figures();
    expect(signIns()).toBe(2);
    expect(page().url()).toBe(`${rig.origin}/${OTHER}`);
  });

  test('while the provider is down nobody is thrown out: it is said, and goes on once it is up', async () => {
    await signIn();
    rig.provider.refreshing = 'down';
    await rig.pass((TOKEN_SECONDS + 1) * 1000);
    await goTo(OTHER);
    expect(await noticed()).toContain('does not answer');
    expect(signIns()).toBe(1);
    rig.provider.refreshing = 'good';
    await page().click('.notice button');
    await figures();
    expect(hash()).toBe(OTHER);
  });

  test.each([
    ['another state', { state: 'x'.repeat(43) }, 'state'],
    ['another nonce', { nonce: 'x'.repeat(43) }, 'nonce'],
    ['an error', { error: 'access_denied' }, 'the provider says: access_denied'],
  ])('%s from the provider is told in words, and nothing goes round', async (_, bent, words) => {
    rig.provider.bent = bent;
    await visit(FINANCE);
    const told = await noticed();
    expect(told).toContain('Signing in did not work');
    expect(told).toContain(words);
    expect(signIns()).toBe(1);
    expect(rig.answers).toEqual([]);
    expect(page().url()).toBe(`${rig.origin}/${PLACE}`);
    rig.provider.bent = {};
    await page().click('.notice button');
    await figures();
    expect(hash()).toBe(PLACE);
  });

  test('a code that was not asked for here is not taken, and nothing goes round', async () => {
    rig.provider.person = FINANCE;
    await page().goto(`${rig.origin}/?code=somebody-elses&state=theirs`);
    expect(await noticed()).toContain('was not begun here');
    expect(grants('authorization_code')).toBe(0);
    expect(signIns()).toBe(0);
    expect(page().url()).toBe(`${rig.origin}/`);
  });

  test('an API that takes no token of this provider is told in words, and nothing goes round', async () => {
    rig.audience = 'another-page';
    await visit(FINANCE);
    expect(await noticed()).toContain('You are not signed in any more');
    expect(signIns()).toBe(1);
    expect(grants('refresh_token')).toBe(0);
  });

  test('somebody without a role is told so in words, is not sent to sign in again, and can leave', async () => {
    await visit({ ...EMAIL, 'cognito:groups': ['staff'] });
    expect(await noticed()).toContain('You are signed in, but have no role here yet');
    expect(signIns()).toBe(1);
    expect(await page().locator('.who').count()).toBe(0);
    expect(await page().isVisible('button:has-text("Sign out")')).toBe(true);
  });

  test.each([
    ['finance', FINANCE, 'Reads figures and cases'],
    ['operator', OPERATOR, 'Reads, and may act on cases'],
  ])('who is signed in is shown, with the role %s', async (_, person, role) => {
    await signIn(person);
    expect(await page().innerText('.who')).toBe(`ana@example.com\n${role}`);
  });

  test('finance is shown no action of a case, and an operator is', async () => {
    for (const [person, n] of [
      [FINANCE, 0],
      [OPERATOR, 1],
    ] as const) {
      await rig.reset();
      await visit(person, '#/case/stripe/cus_1/case_in_1');
      await page().waitForSelector('.timeline');
      await page().waitForSelector('.who');
      expect(await page().locator('button:has-text("Hold back")').count()).toBe(n);
    }
  });

  test('an act for which the role is not enough is refused in words, and leads to no new sign-in', async () => {
    await visit(OPERATOR, '#/case/stripe/cus_1/case_in_1');
    await page().click('button:has-text("Hold back")');
    // Somebody took the role away meanwhile: it counts with the next token.
    rig.provider.person = FINANCE;
    await rig.pass((TOKEN_SECONDS + 1) * 1000);
    await page().fill('dialog[open] textarea', 'promised by phone');
    await page().click('dialog[open] button[type=submit]');
    await page().waitForSelector('dialog[open] .remark.wrong');
    expect(await page().innerText('dialog[open] .remark.wrong')).toContain(
      'You may read here; only operators may act',
    );
    const posts = rig.answers.filter((one) => one.startsWith('POST'));
    expect(posts.at(-1)).toBe('POST /customers/stripe/cus_1/hold 403');
    expect(signIns()).toBe(1);
  });

  test.each([
    ['as the standard has it', ''],
    ['as Cognito has it', `?client_id=${CLIENT_ID}&logout_uri=`],
  ])('who signs out is signed out at the provider too, %s', async (_, query) => {
    const home = encodeURIComponent(`${rig.origin}/`);
    rig.endSession = `${new URL(rig.provider.issuer).origin}/logout${query === '' ? '' : query + home}`;
    await signIn();
    await page().click('button:has-text("Sign out")');
    await page().waitForSelector('h1:has-text("Who are you?")');
    const [asked = {}] = rig.provider.asked.logout;
    expect(asked['post_logout_redirect_uri'] ?? asked['logout_uri']).toBe(`${rig.origin}/`);
    expect(asked['client_id']).toBe(CLIENT_ID);
    // A token does not belong into the address of who does not ask for it.
    expect('id_token_hint' in asked).toBe(query === '');
    expect(signIns()).toBe(2);
  });

  test('what was shown is gone when somebody signs out, whatever the provider does: who goes back finds nothing', async () => {
    rig.endSession = `${new URL(rig.provider.issuer).origin}/logout`;
    await signIn();
    // With no content a browser stays where it is.
    await page().route('**/logout?*', (route) => route.fulfill({ status: 204 }));
    await page().click('button:has-text("Sign out")');
    expect(await noticed()).toContain('You are not signed in any more');
    expect(await page().innerText('body')).not.toMatch(/ana@example|€/);
    await page().unrouteAll();
  });

  test('where the provider has no page for it, who signs out is signed out here, and is told', async () => {
    await signIn();
    await page().click('button:has-text("Sign out")');
    expect(await noticed()).toContain('You are not signed in any more');
    expect(await page().locator('.lead').count()).toBe(0);
    expect(signIns()).toBe(1);
    await page().click('.notice button');
    await figures();
    expect(signIns()).toBe(2);
  });

  test('what is shown when nobody can be signed in can be read by everybody', async () => {
    rig.provider.bent = { error: 'access_denied' };
    await visit(FINANCE);
    await noticed();
    expect(await rig.looker.inspect('finance.sign-in', [])).toEqual([]);
    await page().setViewportSize({ width: 1200, height: 900 });
  });
});
