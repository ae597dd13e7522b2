import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsole } from '../../../src/server/console/ensure.ts';
import { StandIn } from '../../standins/http-server.ts';
import { type Exchange, exchange, objective, random, service, World } from '../world.ts';
import { CHROMIUM, type ContextOptions, launchOptions, openPage, overflow, shown } from './pages.ts';

const CURL = '/usr/bin/curl';
const MINUTE = 60_000;
const START = Date.parse('2026-11-18T00:00:00Z');
/** What telemetry says is hostile text wherever it is shown. */
const HOSTILE = '8<img src=x onerror=alert(1)>';
const HOSTILE_SERVICE = '"><script>alert(1)</script>';

for (const program of [CHROMIUM, CURL])
  if (!existsSync(program)) console.warn(`SKIPPED: tests of the console that need ${program} (npm run test:setup)`);

describe.skipIf(!existsSync(CHROMIUM))('the console in a browser', () => {
  let browser: Browser;
  /** What went wrong on any page: none of it is expected. */
  const complaints: string[] = [];

  const open = (address: string, options?: ContextOptions): Promise<Page> =>
    openPage(browser, address, complaints, options);
  const heading = (page: Page): Promise<string> => shown(page.getByRole('heading', { level: 1 }));
  const ground = (page: Page): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');

  beforeAll(async () => {
    const made = await ensureConsole();
    expect(made).toMatchObject({ state: expect.stringMatching(/^(ready|built)$/) });
    browser = await chromium.launch(launchOptions);
  });
  afterAll(async () => {
    await browser.close();
    expect(complaints).toEqual([]);
  });

  describe('with a service that breaks a promise', () => {
    let world: World;
    /** A destination that takes nothing yet. */
    let chat: StandIn;
    let at = START;
    const chance = random(11);
    const address = (path: string): string => `${world.plimsoll.addresses.http}${path}`;

    async function pass(minutes: number, promptVersion: string, badShare: number): Promise<void> {
      const asked: Exchange[] = [];
      const scores: { exchange: Exchange; score: number }[] = [];
      for (let i = 0; i < minutes; i++, at += MINUTE)
        for (let k = 0; k < 10; k++) {
          const one = exchange('support-bot', at + k * 5_000 + 500, { promptVersion });
          asked.push(one);
          scores.push({ exchange: one, score: chance() < badShare ? 0.2 : 0.9 });
        }
      world.now = at;
      await world.spans(asked);
      await world.rate(scores);
    }
    async function judge(): Promise<void> {
      world.now = at + 20_000;
      expect(await world.plimsoll.tick()).not.toBeNull();
    }

    beforeAll(async () => {
      chat = await StandIn.start();
      chat.otherwise = { status: 401 };
      world = await World.start({
        now: START - 8 * 24 * 60 * MINUTE,
        spec: {
          egress: { allow: ['127.0.0.1'] },
          sinks: [
            { name: 'ops', type: 'webhook', url: 'https://127.0.0.1:1/in', secret: 'env:OPS' },
            { name: 'chat', type: 'webhook', url: `${chat.url}/in`, secret: 'env:CHAT' },
          ],
        },
        services: [
          service('support-bot', {
            owner: { name: 'Dana Ruiz' },
            supportGroup: 'ai-platform',
            tier: 'gold',
            criticality: 2,
            evaluations: { groundedness: { pass: 0.7 } },
            links: { trace: 'https://tracer.example/{traceId}' },
          }),
          service('contract-search', { owner: { name: 'Jo Berg' } }),
        ],
        objectives: [
          objective('bot-groundedness', {
            service: 'support-bot',
            kind: 'XLA',
            measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
            target: 0.9,
          }),
          objective('bot-availability', { service: 'support-bot', measure: { type: 'availability' }, target: 0.99 }),
          objective('search-availability', {
            service: 'contract-search',
            measure: { type: 'availability' },
            target: 0.99,
          }),
        ],
      });
      // What never finds its interaction, under a name that no line has room for: a finding of the fleet, and one of the service.
      const unheardOf = { responseId: `resp_${'8'.repeat(250)}`, kind: 'stars', value: 1 };
      await world.post('/feedback', { feedback: [unheardOf, { ...unheardOf, service: 'support-bot' }] });
      await pass(1500, '7', 0.03);
      await world.spans([exchange(HOSTILE_SERVICE, at - MINUTE), exchange('contract-search', at - MINUTE)]);
      await judge();
      await world.post('/changes', {
        changes: [
          {
            id: 'CHG-8',
            service: 'support-bot',
            type: 'prompt',
            before: '7',
            after: HOSTILE,
            at: new Date(at).toISOString(),
          },
        ],
      });
      for (let i = 0; i < 8; i++) {
        await pass(1, HOSTILE, 0.8);
        await judge();
      }
    });
    afterAll(async () => {
      await world.end();
      await chat.stop();
    });

    it('shows the fleet: what is broken first, each promise with its verdict and its numbers', async () => {
      const page = await open(address('/'));
      await page.getByRole('heading', { name: 'Open incidents' }).waitFor();
      expect(await heading(page)).toBe('One of two services is breaking a promise.');
      expect(await shown(page.getByRole('list').first())).toMatch(/^P\d\s+support-bot: groundedness \(evaluator\)/);
      const services = page.getByRole('article');
      expect(await services.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual([
        'support-bot',
        'contract-search',
        HOSTILE_SERVICE,
      ]);
      const bot = services.first();
      expect(await shown(bot)).toContain('Dana Ruiz · ai-platform · tier gold');
      const figures = await bot.getByRole('img').all();
      const texts = await Promise.all(figures.map((figure) => figure.getAttribute('aria-label')));
      expect(texts[0]).toMatch(
        /^groundedness \(evaluator\): breached; 0\.9\d+ \(0\.9\d+-0\.9\d+, n 15080\); promised at least 0\.9 over 28d; .*budget left; in the last hour \d/,
      );
      expect(texts[1]).toMatch(/^availability: met; /);
      const search = await shown(services.nth(1));
      expect(search).toContain('not decidable');
      expect(search).toMatch(/1 events counted, \d+ are needed/);
      expect(search).not.toContain('budget');
      expect(await shown(services.nth(2))).toContain('seen in telemetry only');
      await page.context().close();
    });

    it('shows where incidents are told, and what was given up: it is dropped with a reason', async () => {
      const page = await open(address('/'));
      await page.getByRole('link', { name: 'Deliveries' }).click();
      await page.getByText('Last took a message').or(page.getByText('Has taken nothing yet')).first().waitFor();
      expect(new URL(page.url()).pathname).toBe('/deliveries');
      expect(await heading(page)).toBe('Deliveries');
      expect(await shown(page.locator('.destination').first())).toMatch(/^ops webhook/);
      await page
        .locator('.destination')
        .filter({ hasText: 'chat' })
        .getByText(/^\d+ given up$/)
        .waitFor();
      const givenUp = page.getByRole('region', { name: 'Given up' });
      expect(await shown(givenUp)).toMatch(/Mend the destination first[\s\S]*chat[\s\S]*INC-1 opened .*answered 401/);
      await givenUp.getByRole('button', { name: 'Drop: INC-1 opened, to chat' }).click();
      await givenUp.getByLabel('Why nobody needs to be told').fill('<i>they</i> were phoned');
      expect(await overflow(page)).toBe(0);
      await givenUp.getByRole('button', { name: 'Send again: INC-1 opened, to chat' }).waitFor();
      await givenUp.getByRole('form').getByRole('button', { name: 'Drop', exact: true }).click();
      await givenUp.getByText('INC-1 opened, to chat: dropped.').waitFor();
      // What is told of the problem stays.
      await givenUp.getByRole('button', { name: 'Drop: INC-1 opened, to chat' }).waitFor({ state: 'detached' });
      await givenUp.getByRole('button', { name: 'Drop: PRB-1 opened, to chat' }).click();
      await givenUp.getByLabel('Why nobody needs to be told').fill('nor of the problem');
      await givenUp.getByRole('form').getByRole('button', { name: 'Drop', exact: true }).click();
      await givenUp.getByText('PRB-1 opened, to chat: dropped.').waitFor();
      await givenUp.getByText('Nothing.').waitFor();
      await page.context().close();
    });

    it('shows the incident: a sentence, the evidence, the guilty slice, the change, traces, what to do, who knows', async () => {
      const page = await open(address('/'));
      await page.getByRole('link', { name: /^support-bot: groundedness/ }).click();
      await page.getByRole('heading', { name: 'Evidence' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/incidents/INC-1');
      expect(await page.title()).toBe('INC-1 support-bot · Plimsoll');
      expect(await heading(page)).toMatch(
        /^support-bot has been breaking its XLA on groundedness \(evaluator\) since \d+ Nov, \d\d:\d\d\. When that was noticed, \d+ of \d+ were bad, [\d.]+ times what 0\.9 allows\.$/,
      );
      const section = (name: string) => page.getByRole('region', { name });
      expect(await shown(section('What to do first'))).toContain('Suspect the prompt change first: go back to 7');
      const evidence = await shown(section('Evidence'));
      expect(evidence).toMatch(/Until it was noticed\s+[\d.]+× what is allowed/);
      expect(evidence).toMatch(/Sequential detector (?:[\d,]+|\d × 10\S+) against a threshold of [\d,]+/);
      expect(evidence).toContain('Guarantee: at most one false alarm');
      await section('Evidence')
        .getByRole('img', { name: /^groundedness \(evaluator\) by the/ })
        .waitFor();
      expect(await shown(section('Where it is'))).toMatch(
        /prompt version 8<img src=x onerror=alert\(1\)>[\s\S]*now\s+\d+ % bad\s+before\s+not there/,
      );
      expect(await shown(section('What changed'))).toContain(`declared as CHG-8`);
      const trace = section('Traces to read').getByRole('link').first();
      expect(await trace.getAttribute('href')).toMatch(/^https:\/\/tracer\.example\/f00d[0-9a-f]{28}$/);
      expect(await trace.getAttribute('rel')).toBe('noreferrer');
      expect(await shown(section('Times'))).toMatch(/Began\s+\d+ Nov, \d\d:\d\d\s+2026-11-19 01:\d\d:00 UTC/);
      expect(await shown(section('Record'))).toContain('hallucination, ungrounded');
      expect(await shown(section('Timeline'))).toContain('bot-groundedness is broken');
      expect(await shown(section('Told to'))).toMatch(/ops\s+opened: waits/);
      await page.context().close();
    });

    it('silences an incident for a while, says so where it is shown, and ends it', async () => {
      const page = await open(address('/incidents/INC-1'));
      await page.getByRole('link', { name: 'Silence it for a while' }).click();
      const form = page.getByRole('form', { name: 'Do not tell pages and chats of' });
      expect(await form.getByRole('textbox', { name: 'Value' }).inputValue()).toBe('INC-1');
      await form.getByLabel('Why').fill('we know of <it>');
      await form.getByRole('button', { name: 'Silence', exact: true }).click();
      await page.getByText('SIL-1 has begun.').waitFor();
      await page.getByText('incident = "INC-1"').waitFor();
      await page.goto(address('/incidents/INC-1'));
      await page.getByText(/Suppressed by silence SIL-1: silenced by local: we know of <it>/).waitFor();
      await page.goto(address('/incidents'));
      await page.getByText(/suppressed by silence SIL-1/).waitFor();
      await page.goto(address('/silences'));
      await page.getByRole('button', { name: 'End SIL-1 now' }).click();
      await page.getByText('Nothing is silenced.').waitFor();
      await page.getByRole('link', { name: 'Over' }).click();
      await page.getByText(/by local/).waitFor();
      await page.context().close();
    });

    it('shows the problem that it is an instance of, and what people do to that', async () => {
      const page = await open(address('/incidents/INC-1'));
      await page.getByRole('region', { name: 'Record' }).getByRole('link', { name: 'PRB-1' }).click();
      await page.getByRole('heading', { name: 'Cause' }).waitFor();
      await page.getByRole('button', { name: 'Assess' }).click();
      await page.getByRole('button', { name: 'Confirm the cause' }).click();
      const form = page.getByRole('form', { name: 'Confirm the cause' });
      await form.getByLabel('Cause', { exact: true }).selectOption('prompt regression');
      await form.getByLabel('Why').fill('read <it>');
      await form.getByRole('button', { name: 'Confirm the cause' }).click();
      await page.getByText(/prompt regression.*, says local: read <it>/).waitFor();
      await page.getByRole('button', { name: 'Say what helps' }).click();
      await page.getByRole('form').getByRole('textbox').fill('go back to 7');
      await page.getByRole('form').getByRole('button', { name: 'Say what helps' }).click();
      await page.locator('.flag', { hasText: 'known error' }).waitFor();
      await page.goto(address('/incidents/INC-1'));
      await page.getByText('Known error PRB-1: go back to 7').waitFor();
      await page.goto(address('/problems'));
      await page.getByText(/known error/).waitFor();
      await page.getByRole('heading', { name: 'Month by month' }).waitFor();
      await page.context().close();
    });

    it('is worked with by keyboard: the record changes for everyone, and an impossible move names the possible ones', async () => {
      const page = await open(address('/incidents/INC-1'));
      const other = await open(address('/incidents/INC-1'));
      const actions = page.getByRole('region', { name: 'Actions' });
      await actions.getByRole('button', { name: 'Acknowledge' }).focus();
      await page.keyboard.press('Enter');
      await actions.getByText('Done: acknowledge.').waitFor();
      await other.getByText('in progress').waitFor();
      await actions.getByRole('button', { name: 'Add a note' }).click();
      await actions.locator('textarea:focus').waitFor();
      await page.keyboard.type('Rolling back <b>now</b>.');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await other.getByText('Rolling back <b>now</b>.').waitFor();
      await other.context().close();
      // A page that hears nothing offers what has become impossible meanwhile.
      await page.context().close();
      const deaf = await browser.newContext();
      await deaf.route('**/api/v1/events', (route) => route.abort());
      const late = await deaf.newPage();
      await late.goto(address('/incidents/INC-1'));
      await late.getByText('polling').waitFor();
      await late.getByRole('button', { name: 'Put on hold' }).click();
      await world.post('/incidents/INC-1/resolve', { notes: 'rolled back' });
      await late.getByRole('form', { name: 'Put on hold' }).getByRole('button', { name: 'Put on hold' }).click();
      const alert = late.getByRole('alert');
      expect(await shown(alert)).toMatch(
        /INC-1 is resolved: hold is not possible[\s\S]*Possible now: Close, Reopen, .*Add a note\./,
      );
      await late.getByText('rolled back').waitFor();
      await deaf.close();
    });

    it('takes what people decide: priority, category, harm; and says who has', async () => {
      const page = await open(address('/incidents/INC-1'));
      const actions = page.getByRole('region', { name: 'Actions' });
      await actions.getByText('Priority, category, harm').click();
      await actions.getByRole('button', { name: 'Set priority' }).click();
      await actions.getByLabel('Priority, whatever').selectOption('5');
      await actions.getByLabel('Why').fill('a pilot <i>only</i>');
      await actions.getByRole('form').getByRole('button', { name: 'Set priority' }).click();
      await actions.getByText('Done: set priority.').waitFor();
      const record = page.getByRole('region', { name: 'Record' });
      await record.getByText('set by local: a pilot <i>only</i>').waitFor();
      expect(await shown(record)).toContain('P5, planning');
      await actions.getByRole('button', { name: 'Judge the harm' }).click();
      await actions.getByLabel('Harm', { exact: true }).selectOption('hazard');
      await actions.getByLabel('Why').fill('nobody acted on it');
      await actions.getByLabel('Who says so').fill('Ada Lovelace');
      await actions.getByRole('form').getByRole('button', { name: 'Judge the harm' }).click();
      await record.getByText('set by Ada Lovelace: nobody acted on it').waitFor();
      await page.context().close();
    });

    it('says how quickly incidents were found, taken and ended', async () => {
      const page = await open(address('/incidents?state=all'));
      await page.getByText('How quickly incidents are found').click();
      await page.getByRole('row', { name: /^All 1/ }).waitFor();
      await page.context().close();
    });

    it('shows a service: the item, its promises, measures over time, incidents, interactions', async () => {
      const page = await open(address('/services/support-bot'));
      await page.getByRole('img', { name: /^availability by the hour: between/ }).waitFor();
      expect(await heading(page)).toBe('support-bot');
      await page.getByRole('button', { name: '6 hours' }).click();
      await page.getByRole('img', { name: /^groundedness \(evaluator\) by the \d+ minutes: between/ }).waitFor();
      await page.getByRole('row').nth(15).waitFor();
      expect(await page.getByRole('region', { name: 'Recent interactions' }).getByRole('row').count()).toBe(16);
      const called = page.getByRole('region', { name: 'What it called in the last day' });
      expect(await called.getByRole('row').nth(1).textContent()).toContain('openai / gpt-4o-mini');
      expect(await shown(page.getByRole('region', { name: 'Configuration item' }))).toMatch(/Tier\s+gold/);
      await page.goto(address(`/services/${encodeURIComponent(HOSTILE_SERVICE)}`));
      await page.getByText('unregistered service').waitFor();
      expect(await heading(page)).toBe(HOSTILE_SERVICE);
      await page.goto(address('/objectives/search-availability'));
      await page.getByRole('heading', { level: 1, name: 'search-availability' }).waitFor();
      expect(await shown(page.getByRole('region', { name: 'Error budget' }))).toMatch(/the budget|Too little was seen/);
      await page.getByRole('link', { name: 'contract-search' }).first().waitFor();
      await page.goto(address('/incidents?state=all'));
      await page.getByRole('link', { name: /^support-bot: groundedness/ }).waitFor();
      await page.context().close();
    });

    it('fits a phone and a desk, by day and by night', async () => {
      const page = await open(address('/'));
      for (const path of [
        '/',
        '/incidents?state=all',
        '/incidents/INC-1',
        '/silences?incident=INC-1',
        '/deliveries',
        '/problems',
        '/problems/PRB-1',
        '/services/support-bot',
        '/objectives/search-availability',
      ]) {
        await page.goto(address(path));
        await page.getByRole('heading', { level: 1 }).waitFor();
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const width of [1280, 820, 390]) {
            await page.setViewportSize({ width, height: 844 });
            await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
            expect(`${path} at ${width}: ${await overflow(page)}`).toBe(`${path} at ${width}: 0`);
          }
        }
      }
      await page.context().close();
    });

    it('keeps the colours that somebody chose', async () => {
      const page = await open(address('/'), { colorScheme: 'light' });
      const light = await ground(page);
      await page.getByRole('button', { name: 'Colours: system. Change to dark' }).click();
      const dark = await ground(page);
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await ground(page)).toBe(dark);
      await page.context().close();
    });

    it('shows how far the watch of a change has come', async () => {
      const asked = { id: 'release-9', service: 'support-bot', type: 'prompt', kind: 'normal', requestedBy: 'Kim' };
      await world.post('/changes', { changes: [{ ...asked, before: HOSTILE, after: '9' }] });
      await world.post('/changes/release-9/submit', {});
      await world.post('/changes/release-9/assess', { reason: 'small' });
      await world.post('/changes/release-9/approve', { person: 'Dana' });
      await world.post('/changes/release-9/start', {});
      const page = await open(address('/changes/release-9'));
      await page.getByRole('heading', { name: 'The watch' }).waitFor();
      await page
        .getByText('By what is promised: not decided yet. A decision is wrong in 5.0 % of cases at most.')
        .waitFor();
      await page.getByText(/^bot-groundedness: not decided yet, .* of the evidence for an approval/).waitFor();
      await page.context().close();
    });
  });

  describe('with nothing yet', () => {
    it.skipIf(!existsSync(CURL))(
      'tells how to send the first span, and shows it by itself when that was done',
      async () => {
        const world = await World.start({ now: Date.now() });
        const page = await open(`${world.plimsoll.addresses.http}/`);
        await page.getByRole('heading', { level: 1, name: 'The harbour is empty.' }).waitFor();
        const shell = page.getByRole('figure', { name: 'In a shell' }).locator('pre');
        // The address is asked of the server: until it has answered the standard one stands there.
        await shell.filter({ hasText: `curl ${world.plimsoll.addresses.otlpHttp}/v1/traces` }).waitFor();
        const command = await shown(shell);
        const { stdout } = await promisify(execFile)('sh', ['-c', command]);
        expect(stdout).toBe('{}');
        world.now = Date.now();
        await world.plimsoll.tick();
        await page.getByRole('heading', { name: 'my-first-bot' }).waitFor();
        expect(await heading(page)).toBe('Nothing has been promised yet.');
        await page.context().close();
        await world.end();
      },
    );
  });

  it('shows below the fleet what is no service of it, and on its page what is: feedback that found nothing', async () => {
    const world = await World.start({ now: START });
    await world.spans([exchange('support-bot', START - MINUTE)]);
    const thumb = { kind: 'thumbs', value: 'up', traceId: '7'.repeat(32) };
    await world.post('/feedback', { feedback: [thumb, { ...thumb, service: 'support-bot' }] });
    await world.plimsoll.tick();
    world.now = START + 8 * 1440 * MINUTE;
    const page = await open(`${world.plimsoll.addresses.http}/`);
    const findings = page.getByRole('region', { name: 'Findings' });
    await findings.waitFor();
    expect(await shown(findings)).toContain(`1 rating has found no interaction within 7 d, so that nothing counts it`);
    await page.goto(`${world.plimsoll.addresses.http}/services/support-bot`);
    await findings.filter({ hasText: `with traceId ${thumb.traceId}` }).waitFor();
    await page.context().close();
    await world.end();
  });

  it('an owner confirms a record on its page, and the finding that asked for it is gone', async () => {
    const spec = { owner: { name: 'Dana' }, confirmEvery: '30d' };
    const world = await World.start({ now: START, services: [service('support-bot', spec)] });
    const page = await open(`${world.plimsoll.addresses.http}/services/support-bot`);
    const findings = page.getByRole('region', { name: 'Findings' });
    await findings.filter({ hasText: 'record overdue' }).waitFor();
    await page.getByRole('button', { name: 'Confirm the record' }).click();
    await page.getByLabel('Who has looked through it').fill('Dana');
    await page
      .getByRole('form', { name: 'Confirm the record' })
      .getByRole('button', { name: 'Confirm the record' })
      .click();
    await page.getByRole('region', { name: 'Record' }).filter({ hasText: 'by Dana on 2026-11-18' }).waitFor();
    await findings.filter({ hasText: 'Nothing about it should be otherwise.' }).waitFor();
    // What the file is silent about is said here.
    const record = page.getByRole('region', { name: 'Record' });
    await record.getByText('Say what the record has').click();
    const form = page.getByRole('form', { name: 'Say what the record has' });
    await form.getByLabel('Field').selectOption('tools');
    await form.getByLabel('Who says so').fill('Dana');
    await form.getByLabel('Why').fill('new');
    for (const [value, answer] of [
      ['pay', 'That is no JSON, like [{'],
      ['[{"name": "pay"}]', 'tools is kept.'],
    ] as const) {
      await form.getByLabel('as JSON').fill(value);
      await form.getByRole('button', { name: 'Keep it' }).click();
      await form.filter({ hasText: answer }).waitFor();
    }
    await record.filter({ hasText: 'changed: tools by Dana (new)' }).waitFor();
    expect(await world.get('/services/support-bot/record')).toMatchObject({ fields: { tools: [{ name: 'pay' }] } });
    expect(await overflow(page)).toBe(0);
    await page.context().close();
    await world.end();
  });
});
