import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { verifyStore } from '../../store/sqlite/verify.ts';
import { ensureConsole } from '../console/ensure.ts';
import { seeded } from '../random.ts';
import { Child, programFile } from './child.ts';
import { Inbox } from './inbox.ts';
import { startModelServer } from './model-server.ts';
import { type DemoIncident, PlimsollApi } from './plimsoll-api.ts';
import { bar, evidenceLine, Screen } from './screen.ts';
import { sendHistory } from './send-history.ts';
import { Sender } from './sender.ts';
import { configurationFiles, SERVICES } from './services.ts';
import { BAD_PROMPT, GOOD_PROMPT } from './shop.ts';
import { simulateUsers, type UsersTally } from './users.ts';

export interface DemoOptions {
  /** Without a person: free ports, ends by itself. */
  readonly headless: boolean;
  /** Nothing on stdout but one JSON object at the end. */
  readonly json: boolean;
  /** The folder with configuration, store and logs stays. */
  readonly keep: boolean;
  readonly seed: number;
}

/** What `--json` prints. */
export interface DemoResult {
  readonly incident: string;
  /** From the change of the prompt to the opening of the incident. */
  readonly secondsToOpen: number;
  readonly slice: string | null;
  readonly historyIncidents: number;
  /** Sent: of the history, and answers that the live users got. */
  readonly interactions: number;
  /** Of those: acknowledged, and found in the store. */
  readonly acked: number;
  readonly verify: 'clean' | 'not clean';
}

const PORTS = { http: 8080, otlpHttp: 4318 } as const;
/** The support bot runs so long with the good prompt before the change. */
const CALM_MS = 60_000;
const HISTORY_JUDGED_MS = 60_000;
const GIVE_UP_MS = 10 * 60_000;
const LOOK_MS = 1000;

class Stopped extends Error {}

/** The main job, live: 0 when the incident came (and, headless, arrived), 1 when not, 130 when a person ended it before. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const demo = new Demo(options);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Stopped());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const deadline = options.headless ? AbortSignal.timeout(GIVE_UP_MS) : null;
  const signal = deadline === null ? stop.signal : AbortSignal.any([stop.signal, deadline]);
  try {
    return await demo.run(signal);
  } catch (error) {
    if (stop.signal.aborted) return demo.hasOpened ? 0 : 130;
    console.error(
      deadline?.aborted === true
        ? `no incident within ${GIVE_UP_MS / 60_000} minutes; the logs are in ${demo.folder} (--keep keeps it)`
        : `the demo failed: ${(error as Error).message}`,
    );
    return 1;
  } finally {
    await demo.close();
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, onSignal);
  }
}

class Demo {
  readonly folder = mkdtempSync(join(tmpdir(), 'plimsoll-demo-'));
  hasOpened = false;
  readonly #options: DemoOptions;
  readonly #screen: Screen;
  readonly #began = Date.now();
  readonly #toClose: (() => unknown)[] = [];

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#screen = new Screen(options.json ? process.stderr : process.stdout, options.json && !process.stderr.isTTY);
  }

  async run(signal: AbortSignal): Promise<number> {
    const { seed, headless } = this.#options;
    const screen = this.#screen;
    screen.heading('Plimsoll demo: three AI services, thirty days, and a prompt change that goes wrong.');
    const inbox = await Inbox.open();
    const board = await ensureConsole();
    if (board.state === 'missing') screen.say(`  There is no board: ${board.reason}`);
    this.#toClose.push(() => inbox.close());
    const { http, otlpHttp, server } = await this.#serve(inbox);
    const api = new PlimsollApi(http);
    const sender = new Sender({ http, otlpHttp });

    const sent = await this.#sendHistory(sender, signal);
    const past = await this.#past(api, signal);
    screen.say(`  ${past.length} breaches lie in it, found and resolved at the time they happened:`);
    for (const { id, summary, startedAt } of past) screen.say(`    ${id}  ${startedAt.slice(0, 10)}  ${summary}`);
    screen.say(`  Board    ${http}/\n  Metrics  ${http}/metrics\n  API      ${http}/api/v1/services`);

    const liveFrom = Date.now();
    const model = await startModelServer(seeded(seed + 1));
    this.#toClose.push(
      () => model.server.closeAllConnections(),
      () => model.server.close(),
    );
    const app = await this.#startApp(http, otlpHttp, model.url);
    const tally: UsersTally = { asked: 0, answered: 0, rated: 0, down: 0, failed: 0 };
    const usersStop = new AbortController();
    const users = simulateUsers(app.url, sender, seeded(seed + 2), usersStop.signal, tally);
    const stopUsers = async (): Promise<void> => {
      usersStop.abort();
      await users;
    };
    this.#toClose.push(() => stopUsers().catch(() => {}));
    users.catch(() => {});
    screen.say();
    screen.tell(
      `the support bot is live with prompt ${GOOD_PROMPT}: about fifty simulated customers a minute, nearly all rate the answer`,
    );
    await this.#calm(api, tally, signal);

    const changedAt = await this.#changePrompt(sender, app.url, GOOD_PROMPT, BAD_PROMPT);
    screen.tell(`the prompt is now version ${BAD_PROMPT}, for all traffic; somebody thought it would be friendlier`);
    const opened = await this.#waitForIncident(api, changedAt, tally, signal);
    await until(() => inbox.has('opened', opened.id), signal);
    const secondsToOpen = Math.round((Date.parse(opened.openedAt) - changedAt) / 1000);
    this.#print(opened, secondsToOpen, http);

    if (!headless) {
      await this.#changePrompt(sender, app.url, BAD_PROMPT, GOOD_PROMPT);
      screen.say();
      screen.tell(
        `the prompt is rolled back to version ${GOOD_PROMPT}. Keep watching to see ${opened.id} resolve by itself;`,
      );
      screen.say('          Ctrl-C ends the demo and removes everything it made.');
      await this.#waitForRecovery(api, opened.id, signal);
      screen.say('  The bot goes on. Ctrl-C ends the demo and removes everything it made.');
      await forever(signal);
    }
    await stopUsers();
    await app.child.stop();
    const stored = await api.countInteractions(SERVICES.bot, liveFrom);
    const historyIncidents = (await api.incidents()).filter(
      ({ id, state }) => id !== opened.id && (state === 'resolved' || state === 'closed'),
    ).length;
    await server.stop();
    const { differing, compared } = verifyStore(join(this.folder, 'plimsoll.db'));
    const result: DemoResult = {
      incident: opened.id,
      secondsToOpen,
      slice: opened.slices[0]?.name ?? null,
      historyIncidents,
      interactions: sent + tally.answered,
      acked: sent + stored,
      verify: differing === 0 && compared > 0 ? 'clean' : 'not clean',
    };
    if (this.#options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else
      screen.say(
        `  ${result.acked} of ${result.interactions} interactions stored; every tally recomputed: ${result.verify}`,
      );
    return result.verify === 'clean' ? 0 : 1;
  }

  async close(): Promise<void> {
    for (const close of this.#toClose.toReversed()) await close();
    if (this.#options.keep) this.#screen.say(`  Everything is kept in ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  async #serve(inbox: Inbox): Promise<{ http: string; otlpHttp: string; server: Child }> {
    const { headless } = this.#options;
    const secretFile = join(this.folder, 'webhook-secret');
    const files: Record<string, string> = {
      ...configurationFiles({
        http: headless ? 0 : await freeOr0(PORTS.http),
        otlpHttp: headless ? 0 : await freeOr0(PORTS.otlpHttp),
        sinks: [{ name: 'on-call-tool', type: 'webhook', url: inbox.url, secret: `file:${secretFile}` }],
      }),
      'webhook-secret': inbox.secret,
    };
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o600 });
    }
    const server = new Child('plimsoll', [programFile('../../main'), 'serve', '--config', 'plimsoll.yaml'], {
      cwd: this.folder,
      env: {},
    });
    this.#toClose.push(() => server.stop());
    const [line] = await server.line(/^\{.*"msg":"ready"\}$/m);
    return { ...JSON.parse(line), server };
  }

  async #sendHistory(sender: Sender, signal: AbortSignal): Promise<number> {
    const screen = this.#screen;
    const began = performance.now();
    const sent = await sendHistory(sender, this.#began, seeded(this.#options.seed), (done, of) => {
      signal.throwIfAborted();
      screen.draw(`  thirty days of history [${bar(done / of)}] day ${done} of ${of}`);
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    screen.say(
      `  ${sent.toLocaleString('en')} interactions of thirty days sent and acknowledged in ${seconds} s, with what was said of them`,
    );
    return sent;
  }

  /** The incidents of the history, once it has been judged to its end. */
  async #past(api: PlimsollApi, signal: AbortSignal): Promise<DemoIncident[]> {
    this.#screen.draw('  judging it');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(HISTORY_JUDGED_MS)]);
    const resolved = async (): Promise<DemoIncident[] | false> => {
      const incidents = await api.incidents();
      return incidents.length >= 2 && incidents.every((incident) => incident.resolvedAt !== null) && incidents;
    };
    try {
      return (await until(resolved, limit)).toReversed();
    } catch {
      signal.throwIfAborted();
      return (await api.incidents()).toReversed();
    }
  }

  async #startApp(http: string, otlpHttp: string, modelUrl: string): Promise<{ url: string; child: Child }> {
    const child = new Child(
      SERVICES.bot,
      ['--import', programFile('./app/instrumentation'), programFile('./app/app')],
      {
        cwd: this.folder,
        env: {
          OTEL_SERVICE_NAME: SERVICES.bot,
          OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production',
          OTEL_EXPORTER_OTLP_ENDPOINT: otlpHttp,
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
          OTEL_BSP_SCHEDULE_DELAY: '1000',
          PLIMSOLL_URL: http,
          MODEL_URL: modelUrl,
        },
      },
    );
    this.#toClose.push(() => child.stop());
    const [, url] = await child.line(/listening on (http:\S+)/);
    return { url: url!, child };
  }

  async #calm(api: PlimsollApi, tally: UsersTally, signal: AbortSignal): Promise<void> {
    for (const end = performance.now() + CALM_MS; performance.now() < end; ) {
      await wait(LOOK_MS, undefined, { signal });
      const left = Math.ceil((end - performance.now()) / 1000);
      const [satisfaction] = (await api.objectivesOf(SERVICES.bot)).filter(({ name }) => name.endsWith('satisfaction'));
      this.#screen.draw(
        `  ${tally.rated} answers rated, ${tally.down} thumbs down; satisfaction ${satisfaction?.verdict.replaceAll('_', ' ') ?? '-'}; the prompt changes in ${left} s`,
      );
    }
  }

  /** @returns when, ms */
  async #changePrompt(sender: Sender, app: string, before: string, after: string): Promise<number> {
    const response = await fetch(`${app}/prompt`, { method: 'POST', body: JSON.stringify({ version: after }) });
    if (!response.ok) throw new Error(`the prompt could not be changed: ${await response.text()}`);
    const at = Date.now();
    await sender.list('changes', [
      { service: SERVICES.bot, type: 'prompt', before, after, at: new Date(at).toISOString() },
    ]);
    return at;
  }

  async #waitForIncident(
    api: PlimsollApi,
    changedAt: number,
    tally: UsersTally,
    signal: AbortSignal,
  ): Promise<DemoIncident> {
    const { rated, down } = tally;
    return until(async () => {
      const found = (await api.incidents()).find(
        ({ service, openedAt }) => service === SERVICES.bot && Date.parse(openedAt) >= changedAt,
      );
      if (found !== undefined) {
        this.hasOpened = true;
        if (found.slices.length > 0) return found;
      }
      const seconds = Math.round((Date.now() - changedAt) / 1000);
      const line = evidenceLine(await api.objectivesOf(SERVICES.bot), {
        rated: tally.rated - rated,
        down: tally.down - down,
      });
      this.#screen.draw(`  ${String(seconds).padStart(3)} s  ${line}`);
      return false;
    }, signal);
  }

  #print(incident: DemoIncident, secondsToOpen: number, http: string): void {
    const screen = this.#screen;
    screen.tell(
      `${incident.id} opened by itself ${secondsToOpen} s after the change, priority ${incident.priority}, and arrived in the on-call tool (a signed webhook)`,
    );
    screen.say();
    screen.heading(`  ${incident.title}`);
    for (const line of incident.description.split('\n')) screen.say(`  ${line}`);
    screen.say();
    screen.say(`  Look: ${http}/incidents/${incident.id}`);
    screen.say(`        ${http}/api/v1/incidents/${incident.id}`);
  }

  async #waitForRecovery(api: PlimsollApi, id: string, signal: AbortSignal): Promise<void> {
    const began = Date.now();
    const resolved = await until(async () => {
      const found = (await api.incidents()).find((incident) => incident.id === id);
      this.#screen.draw(
        `  ${Math.round((Date.now() - began) / 60_000)} min since the rollback; ${id} is ${found?.state ?? 'gone'}`,
      );
      return found !== undefined && found.resolvedAt !== null && found;
    }, signal);
    this.#screen.tell(`${id} is resolved by itself: ${resolved.summary}`);
  }
}

/** Asks again each second until there is an answer. @throws the signal's reason when it comes first */
async function until<T>(ask: () => T | false | Promise<T | false>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== false) return answer;
    await wait(LOOK_MS, undefined, { signal });
  }
}

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** The port when nobody has it, else 0: any free one. */
const freeOr0 = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(0))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
