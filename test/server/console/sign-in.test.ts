import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { calledBy, problemText, signInAddress } from '../../../src/server/console/app/logic/sign-in.ts';
import { ensureConsole } from '../../../src/server/console/ensure.ts';
import { Traffic } from '../../scenarios/traffic.ts';
import { Client, firstToken } from '../access/client.ts';
import { IdentityProvider } from '../access/provider.ts';
import { objective, service, World } from '../world.ts';
import { CHROMIUM, type ContextOptions, launchOptions, openPage, overflow, shown } from './pages.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const HOSTILE = 'Dana\u202e <img src=x onerror=alert(1)>';

it('signing in at the provider leads back to the page that was asked for', () => {
  expect(signInAddress('/incidents', '?state=open')).toBe('/sign-in/oidc?to=%2Fincidents%3Fstate%3Dopen');
  expect(signInAddress('/sign-in', '?problem=expired')).toBe('/sign-in/oidc?to=%2F');
});

it('only what the server may have said is said as a problem', () => {
  expect(problemText('no_role')).toContain('none of your groups has a role');
  for (const other of [null, '', 'constructor', '<b>']) expect(problemText(other)).toBeNull();
});

it('people are called by name, tokens without one by their id, and no name turns a line around', () => {
  expect(calledBy({ kind: 'user', id: '00u1' })).toBe('00u1');
  expect(calledBy({ kind: 'token', id: '5f2c' })).toBe('token 5f2c');
  expect(calledBy({ kind: 'system', id: 'plimsoll' })).toBe('Plimsoll');
  expect(calledBy({ kind: 'sink', id: 'pd/PANNA', name: 'Anna Schmidt' })).toBe('Anna Schmidt in pd');
  expect(calledBy({ kind: 'sink', id: 'now/anna/ops' })).toBe('anna/ops in now');
  expect(calledBy({ kind: 'sink', id: 'pd' })).toBe('pd');
  expect(calledBy({ kind: 'user', id: '00u1', name: HOSTILE })).not.toContain('\u202e');
});

if (!existsSync(CHROMIUM)) console.warn(`SKIPPED: tests of signing in that need ${CHROMIUM} (npm run test:setup)`);

describe.skipIf(!existsSync(CHROMIUM))('signing in, in a browser', () => {
  let browser: Browser;
  let provider: IdentityProvider;
  let world: World;
  let admin: Client;
  /** What went wrong on any page: none of it is expected. */
  const complaints: string[] = [];

  const at = (path: string): string => world.plimsoll.addresses.http + path;
  const open = (path: string, options?: ContextOptions): Promise<Page> =>
    openPage(browser, at(path), complaints, options);
  const signIn = async (page: Page, token: string): Promise<void> => {
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  beforeAll(async () => {
    for (const level of ['info', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {});
    await ensureConsole();
    browser = await chromium.launch(launchOptions);
    provider = await IdentityProvider.start();
    world = await World.start({
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      spec: {
        auth: {
          oidc: {
            issuer: provider.issuer,
            clientId: 'plimsoll',
            clientSecret: 'env:OIDC_SECRET',
            roles: [{ group: 'sre', role: 'responder' }],
          },
        },
      },
    });
    provider.serve(at('/sign-in/callback'));
    world.token = await firstToken(world);
    admin = new Client(world, world.token);
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(30);
    await traffic.judge();
    await traffic.live(6, { failed: 18 });
  });
  afterAll(async () => {
    await browser.close();
    provider.stop();
    await world.end();
    expect(complaints).toEqual([]);
  });

  it('with a token leads to the page that was asked for; who may only look is offered no action', async () => {
    const { token } = await admin.make({ role: 'viewer', name: HOSTILE });
    const page = await open('/incidents/INC-1');
    expect(await shown(page.getByRole('heading', { level: 1 }))).toBe('Who is there?');
    expect(await shown(page.locator('body'))).not.toContain('bot');
    await signIn(page, token);
    await page.getByRole('heading', { name: 'Actions' }).waitFor();
    expect(page.url()).toBe(at('/incidents/INC-1'));
    expect(await shown(page.locator('.actions'))).toContain('You may look.');
    expect(await page.locator('.actions button').count()).toBe(0);
    expect(await shown(page.locator('.signed-in .who'))).toContain('Dana');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Who is there?' }).waitFor();
    await page.goto(at('/incidents'));
    await page.getByRole('heading', { name: 'Who is there?' }).waitFor();
  });

  it('at the provider, and what is done then carries the name of who did it', async () => {
    provider.account = { id: '00u1a2b3', email: 'dana@example.com', groups: ['sre'] };
    const page = await open('/incidents/INC-1');
    await page.getByRole('link', { name: 'Sign in with your account' }).click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Done: acknowledge.').waitFor();
    await page.locator('.timeline li').first().getByText('dana@example.com').first().waitFor();
    expect(await shown(page.locator('.signed-in .who'))).toBe('dana@example.com');
    expect((await admin.audit('incident.acknowledged')).map(({ actor }) => actor)).toEqual(['user:00u1a2b3']);
  });

  it('says why it came to nothing, and what is typed is not kept', async () => {
    provider.account = { id: 'stranger', groups: [] };
    const page = await open('/');
    await page.getByRole('link', { name: 'Sign in with your account' }).click();
    expect(await shown(page.getByRole('alert'))).toContain('none of your groups has a role here');
    const expected = complaints.length;
    await signIn(page, 'plim_guessed');
    await page.getByText('this token is not known').waitFor();
    expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe('');
    // A browser writes down each 401 of its own accord.
    for (const complaint of complaints.splice(expected)) expect(complaint).toContain('401');
  });

  it('a session that ends while the page is open leads to the question again', async () => {
    const { token, id } = await admin.make({ role: 'viewer' });
    const page = await open('/');
    await signIn(page, token);
    await page.locator('.liveness.live').waitFor();
    await admin.post(`/tokens/${id}/revoke`, {});
    const expected = complaints.length;
    // Whichever is first: the next page is refused, or the news end, and the link is gone.
    void page
      .getByRole('link', { name: 'Incidents' })
      .click()
      .catch(() => {});
    await page.getByRole('heading', { name: 'Who is there?' }).waitFor();
    for (const complaint of complaints.splice(expected)) expect(complaint).toContain('401');
  });

  it.each(['light', 'dark'] as const)('fits a phone, %s', async (colorScheme) => {
    const { token } = await admin.make({
      role: 'responder',
      name: 'A name that no line of a small screen has room for',
    });
    const page = await open('/sign-in', { viewport: { width: 390, height: 844 }, colorScheme });
    expect(await overflow(page)).toBe(0);
    await signIn(page, token);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await overflow(page)).toBe(0);
  });
});
