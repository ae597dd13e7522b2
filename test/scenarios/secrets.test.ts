import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readLocalKey } from '../../src/server/access/local-key.ts';
import { ROUTES } from '../../src/server/api/openapi.ts';
import { keyFileOf } from '../../src/server/audit/key-file.ts';
import { formatProblems } from '../../src/server/config/problem.ts';
import { readSecret } from '../../src/server/config/secrets.ts';
import { configurationSource } from '../../src/server/config/source.ts';
import { Reloader } from '../../src/server/reload/reloader.ts';
import { schedule } from '../../src/server/timers.ts';
import { Client } from '../server/access/client.ts';
import { Visitor } from '../server/access/visitor.ts';
import { exchange, service, World } from '../server/world.ts';
import { StandIn } from '../standins/http-server.ts';
import { Traffic } from './traffic.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

/** Everything that may be looked at by somebody, under the name that a finding is reported by. */
interface Surfaces {
  readonly [surface: string]: string;
}

interface Planted {
  /** What it is, and where it was planted. */
  readonly what: string;
  readonly mark: string;
  /** The one place where it belongs: surfaces whose name begins so. None: it may be nowhere. */
  readonly belongs?: string;
  /** It may not even be kept. */
  readonly isNeverStored?: true;
}

const mark = (): string => `MARK${randomBytes(9).toString('hex')}`;

/** Sent with each request, in a header or in the body. */
function ticketTool(): Omit<Planted, 'what'> {
  return { mark: mark(), belongs: 'delivery content', isNeverStored: true };
}

/**
 * The secrets of the house, each with a mark that is sought everywhere. Whoever adds a secret (a key of a sink, a token, a
 * session, a key of a door) adds it here, and plants it below.
 */
const SECRETS = {
  webhookKey: { what: 'the key of a webhook, env:', mark: mark(), isNeverStored: true },
  webhookKeyFile: { what: 'the key of a webhook, file:', mark: mark(), isNeverStored: true },
  previousKey: { what: 'the key of a webhook before, file:', mark: mark(), isNeverStored: true },
  mailPassword: { what: 'the password of a mail server', mark: mark(), isNeverStored: true },
  unusableKey: { what: 'a key that is none, file:', mark: mark(), isNeverStored: true },
  webhookPath: {
    what: 'the path of a webhook, which may be a key',
    mark: mark(),
    belongs: 'delivery path',
    isNeverStored: true,
  },
  alertmanagerPath: {
    what: 'the path of an Alertmanager',
    mark: mark(),
    belongs: 'delivery path',
    isNeverStored: true,
  },
  serviceNowPassword: { what: 'the password of ServiceNow', ...ticketTool() },
  jiraToken: { what: 'the token of Jira', ...ticketTool() },
  itopPassword: { what: 'the password of iTop', ...ticketTool() },
  grafanaToken: { what: 'the token of Grafana', ...ticketTool() },
  pagerDutyKey: { what: 'the routing key of PagerDuty', ...ticketTool() },
  slackToken: { what: 'the token of Slack', ...ticketTool() },
  teamsFlow: {
    what: 'the address of a flow of Teams, which is a key',
    mark: mark(),
    belongs: 'delivery path',
    isNeverStored: true,
  },
  backSecret: { what: 'what callbacks of tools are known by', mark: mark(), isNeverStored: true },
  backWrong: { what: 'a secret of a callback that is none', mark: mark(), isNeverStored: true },
  backBody: { what: 'a callback that can not be read', mark: mark(), isNeverStored: true },
  influxPassword: {
    what: 'the password of the InfluxDB',
    mark: mark(),
    belongs: 'delivery content',
    isNeverStored: true,
  },
  otlpHeader: {
    what: 'a header of a receiver of metrics',
    mark: mark(),
    belongs: 'delivery content',
    isNeverStored: true,
  },
  echo: { what: 'what a destination says when it refuses', mark: mark(), isNeverStored: true },
  authorization: { what: 'Authorization of a request', mark: mark(), isNeverStored: true },
  cookie: { what: 'Cookie of a request', mark: mark(), isNeverStored: true },
  apiKey: { what: 'another header of a request', mark: mark(), isNeverStored: true },
  query: { what: 'a token in the query of a request', mark: mark(), isNeverStored: true },
  password: { what: 'a password in a changed file', mark: mark(), isNeverStored: true },
  literal: { what: 'a secret that was written into a changed file', mark: mark(), isNeverStored: true },
  misplaced: { what: 'a secret under a key that is not known', mark: mark(), isNeverStored: true },
  mistyped: { what: 'an address with a key that is no address', mark: mark(), isNeverStored: true },
  prompt: { what: 'a prompt and an answer in a span', mark: mark(), isNeverStored: true },
  toolCall: { what: 'arguments of a tool', mark: mark(), isNeverStored: true },
  exception: { what: 'the message of an exception in a span', mark: mark(), isNeverStored: true },
  header: { what: 'a header that a span captured', mark: mark(), isNeverStored: true },
  comment: { what: 'the comment of a rating', mark: mark(), isNeverStored: true },
  malformed: { what: 'a body that can not be read', mark: mark(), isNeverStored: true },
  unknownField: { what: 'a field of a rating that nobody knows', mark: mark(), isNeverStored: true },
} as const satisfies Record<string, Planted>;

const TOOLS = [
  'serviceNowPassword',
  'jiraToken',
  'itopPassword',
  'grafanaToken',
  'pagerDutyKey',
  'slackToken',
  'teamsFlow',
] as const satisfies readonly (keyof typeof SECRETS)[];

/** Those that the house makes itself, as soon as they are known. */
const made: Planted[] = [];

const logged: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-secrets-'));
const surfaces: Record<string, string> = {};
let receiver: StandIn;
let world: World;
let reloader: Reloader;

const deploymentFile = (more = ''): string => `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: secrets}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}
  store: {url: "sqlite:./store.db"}
  egress: {allow: [127.0.0.1]}
  history: {url: "${receiver.url}/influx", user: write, password: "file:${folder}/influx"}
  otlpMetrics: {url: "${receiver.url}/otlp/v1/metrics", headers: {authorization: "file:${folder}/otlp"}, every: 1h}
  hooks:
    - {name: github, type: github, secret: "file:${folder}/back", deployments: [{repository: a/b, services: [bot]}]}
  sinks:
    - {name: ops, type: webhook, url: "${receiver.url}/${SECRETS.webhookPath.mark}", secret: "env:PLIMSOLL_TEST_WEBHOOK_KEY", webhookSecret: "file:${folder}/back"}
    - {name: refuses, type: webhook, url: "${receiver.url}/refuse", secret: "file:${folder}/key", previousSecret: "file:${folder}/key-before"}
    - {name: unusable, type: webhook, url: "${receiver.url}/never", secret: "file:${folder}/unusable"}
    - {name: unreachable, type: webhook, url: "http://127.0.0.1:9/${SECRETS.webhookPath.mark}", secret: "file:${folder}/key"}
    - {name: am, type: alertmanager, urls: ["${receiver.url}/${SECRETS.alertmanagerPath.mark}"], webhookSecret: "file:${folder}/back"}
    - {name: sn, type: servicenow, url: "${receiver.url}/sn", user: plimsoll, password: "file:${folder}/sn", webhookSecret: "file:${folder}/back"}
    - {name: sn-import, type: servicenow, url: "${receiver.url}/sn", token: "file:${folder}/sn", mode: import_set}
    - {name: jira, type: jira, url: "${receiver.url}/jira", user: plimsoll, token: "file:${folder}/jira", project: OPS, webhookSecret: "file:${folder}/back"}
    - {name: itop, type: itop, url: "${receiver.url}/itop", user: plimsoll, password: "file:${folder}/itop", organization: a, caller: b, team: c, agent: d, webhookSecret: "file:${folder}/back"}
    - {name: pd, type: pagerduty, url: "${receiver.url}/pd", routingKey: "file:${folder}/pd", webhookSecret: "file:${folder}/back"}
    - {name: slack, type: slack, url: "${receiver.url}/slack", token: "file:${folder}/slack", channel: C0123456789, signingSecret: "file:${folder}/back"}
    - {name: teams, type: teams, url: "file:${folder}/teams"}
    - {name: mail, type: email, url: "smtp://127.0.0.1:9", from: plimsoll@example.com, to: [ops@example.com], user: plimsoll, password: "file:${folder}/mail"}
    - {name: grafana, type: grafana, url: "${receiver.url}/grafana", token: "file:${folder}/grafana", webhookSecret: "file:${folder}/back"}
${more}---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: bot}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-availability}
spec: {service: bot, measure: {type: availability}, target: 0.99}
`;

const headers = {
  'content-type': 'application/json',
  authorization: `Bearer ${SECRETS.authorization.mark}`,
  cookie: `session=${SECRETS.cookie.mark}`,
  'x-api-key': SECRETS.apiKey.mark,
};

let requests = 0;
async function ask(
  name: string,
  url: string,
  method = 'GET',
  body?: string,
  as: Record<string, string> = headers,
): Promise<void> {
  const response = await fetch(url, { method, headers: as, ...(body === undefined ? {} : { body }) });
  const said = [...response.headers].map(([key, value]) => `${key}: ${value}`).join('\n');
  surfaces[`answer ${name} #${++requests} ${response.status}`] = `${said}\n${await response.text()}`;
}

const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function contentSpan(traceId: string, end: number): object {
  const nanos = (ms: number): string => String(BigInt(ms) * 1_000_000n);
  const span = {
    traceId,
    spanId: 'c0ffee00c0ffee00',
    name: 'chat',
    startTimeUnixNano: nanos(end - 900),
    endTimeUnixNano: nanos(end),
    status: { code: 2, message: SECRETS.exception.mark },
    attributes: [
      attribute('gen_ai.operation.name', 'chat'),
      attribute(
        'gen_ai.input.messages',
        `[{"role":"user","parts":[{"type":"text","content":"${SECRETS.prompt.mark}"}]}]`,
      ),
      attribute(
        'gen_ai.output.messages',
        `[{"role":"assistant","parts":[{"type":"text","content":"${SECRETS.prompt.mark}"}]}]`,
      ),
      attribute('gen_ai.system_instructions', SECRETS.prompt.mark),
      attribute('gen_ai.tool.call.arguments', SECRETS.toolCall.mark),
      attribute('input.value', SECRETS.prompt.mark),
      attribute('http.request.header.authorization', SECRETS.header.mark),
      attribute('exception.message', SECRETS.exception.mark),
    ],
    events: [
      {
        name: 'exception',
        timeUnixNano: nanos(end),
        attributes: [
          attribute('exception.message', SECRETS.exception.mark),
          attribute('exception.stacktrace', SECRETS.exception.mark),
        ],
      },
    ],
  };
  return {
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', 'bot')] },
        scopeSpans: [{ scope: { name: 's' }, spans: [span] }],
      },
    ],
  };
}

beforeAll(async () => {
  receiver = await StandIn.start();
  const refused = { status: 500, body: `refused: ${SECRETS.echo.mark}`, headers: { 'x-echo': SECRETS.echo.mark } };
  // The InfluxDB gets as far as to take points, and takes none.
  const databases = { name: 'databases', columns: ['name'], values: [['plimsoll']] };
  receiver.answer = ({ path }) => {
    if (path.startsWith('/influx/query'))
      return { status: 200, body: JSON.stringify({ results: [{ series: [databases] }] }) };
    if (!path.startsWith('/influx/write')) return refused;
    return { status: 400, body: JSON.stringify({ error: `partial write: ${SECRETS.echo.mark} dropped=1` }) };
  };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  process.env['PLIMSOLL_TEST_WEBHOOK_KEY'] = `whsec_${base64(SECRETS.webhookKey.mark)}`;
  writeFileSync(join(folder, 'key'), SECRETS.webhookKeyFile.mark);
  writeFileSync(join(folder, 'key-before'), SECRETS.previousKey.mark);
  writeFileSync(join(folder, 'mail'), SECRETS.mailPassword.mark);
  writeFileSync(join(folder, 'sn'), SECRETS.serviceNowPassword.mark);
  writeFileSync(join(folder, 'jira'), SECRETS.jiraToken.mark);
  writeFileSync(join(folder, 'itop'), SECRETS.itopPassword.mark);
  writeFileSync(join(folder, 'pd'), SECRETS.pagerDutyKey.mark);
  writeFileSync(join(folder, 'slack'), SECRETS.slackToken.mark);
  writeFileSync(join(folder, 'teams'), `${receiver.url}/flow?sig=${SECRETS.teamsFlow.mark}`);
  writeFileSync(join(folder, 'grafana'), SECRETS.grafanaToken.mark);
  writeFileSync(join(folder, 'back'), SECRETS.backSecret.mark);
  writeFileSync(join(folder, 'influx'), SECRETS.influxPassword.mark);
  writeFileSync(join(folder, 'otlp'), SECRETS.otlpHeader.mark);
  writeFileSync(join(folder, 'unusable'), `whsec_${SECRETS.unusableKey.mark}!`);
  writeFileSync(join(folder, 'plimsoll.yaml'), deploymentFile());
  mkdirSync(join(folder, 'services'));

  const source = configurationSource(join(folder, 'plimsoll.yaml'), '');
  const loaded = source.load();
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  world = await World.start({ now: START, configuration: loaded.configuration, log, secret: readSecret });
  reloader = new Reloader({ source, plimsoll: world.plimsoll, log, now: Date.now, schedule }, loaded);

  const { otlpHttp } = world.plimsoll.addresses;
  const traffic = new Traffic(world, 'bot', START);
  await traffic.live(8, { failed: 20 });
  const rated = exchange('bot', world.now - 1000);
  await world.spans([rated]);
  await ask('traces', `${otlpHttp}/v1/traces`, 'POST', JSON.stringify(contentSpan(rated.traceId, world.now - 1500)));
  await ask(
    'feedback',
    `${world.api}/feedback`,
    'POST',
    JSON.stringify({
      feedback: [
        { traceId: rated.traceId, kind: 'thumbs', value: 'down', comment: SECRETS.comment.mark },
        { traceId: 'ab'.repeat(16), kind: 'thumbs', value: 'down', password: SECRETS.unknownField.mark },
      ],
    }),
  );
  // What goes wrong.
  await ask('malformed', `${world.api}/feedback`, 'POST', `{"feedback": ${SECRETS.malformed.mark}`);
  await ask('malformed', `${otlpHttp}/v1/traces`, 'POST', `{"resourceSpans": ${SECRETS.malformed.mark}`);
  await ask('no list', `${world.api}/labels`, 'POST', JSON.stringify({ labels: SECRETS.malformed.mark }));
  await ask('nowhere', `${world.api}/nowhere?access_token=${SECRETS.query.mark}`);
  await ask('query', `${world.api}/services?access_token=${SECRETS.query.mark}`);
  await ask('too deep', `${otlpHttp}/v1/logs?token=${SECRETS.query.mark}`, 'POST', '[]');
  await ask('move', `${world.api}/incidents/INC-1/acknowledge`, 'POST', '{}');
  await ask('move', `${world.api}/incidents/INC-999/resolve`, 'POST', '{}');

  // Callbacks, right and wrong.
  const shown = (mark: string): Record<string, string> => ({ 'x-plimsoll-secret': mark });
  const changed = JSON.stringify({ sys_id: 'a', sys_mod_count: '1', correlation_id: 'plimsoll-secrets-INC-1' });
  await ask('hook', `${world.api}/hooks/sn`, 'POST', changed, shown(SECRETS.backSecret.mark));
  await ask('hook', `${world.api}/hooks/sn`, 'POST', changed, shown(SECRETS.backWrong.mark));
  await ask('hook', `${world.api}/hooks/sn`, 'POST', `{"a": ${SECRETS.backBody.mark}`, shown(SECRETS.backSecret.mark));
  await ask('hook', `${world.api}/hooks/sn?secret=${SECRETS.backWrong.mark}`, 'POST', '{}', shown('x'));
  await ask('hook', `${world.api}/hooks/none`, 'POST', SECRETS.backBody.mark, shown(SECRETS.backWrong.mark));
  for (const sink of ['ops', 'am', 'sn-import', 'jira', 'itop', 'pd', 'slack', 'grafana', 'github'])
    await ask('hook', `${world.api}/hooks/${sink}`, 'POST', SECRETS.backBody.mark, shown(SECRETS.backWrong.mark));
  await world.plimsoll.hear();

  // Files that are refused, one mistake after the other.
  for (const [text, where] of [
    [`    - {name: x, type: webhook, url: "https://a.example/", secret: "${SECRETS.literal.mark}"}\n`, 'literal'],
    [
      `    - {name: x, type: webhook, url: "https://u:${SECRETS.password.mark}@a.example/", secret: "env:HOME"}\n`,
      'password',
    ],
    [
      `    - {name: x, type: alertmanager, urls: ["https://a.example"], token: "${SECRETS.misplaced.mark}"}\n`,
      'misplaced',
    ],
    [
      `    - {name: x, type: webhook, url: "htps://a.example/${SECRETS.mistyped.mark}", secret: "env:HOME"}\n`,
      'mistyped',
    ],
    [`    - {name: x, type: webhook, url: "https://a.example/", secret: ["${SECRETS.literal.mark}"]}\n`, 'list'],
    [`    - {name: x, type: webhook, url: {key: "${SECRETS.mistyped.mark}"}, secret: "env:HOME"}\n`, 'map'],
    [`    - {name: x, type: alertmanager, urls: "https://a.example/${SECRETS.mistyped.mark}"}\n`, 'no list'],
  ] as const) {
    writeFileSync(join(folder, 'plimsoll.yaml'), deploymentFile(text));
    expect([where, await reloader.reload('signal')]).toEqual([where, 'refused']);
    surfaces[`answer /readyz ${where}`] = await (await fetch(`${world.plimsoll.addresses.http}/readyz`)).text();
    surfaces[`answer /deployment ${where}`] = await (await fetch(`${world.api}/deployment`)).text();
    const again = source.load();
    surfaces[`terminal ${where}`] = again.ok ? '' : formatProblems(again.problems);
  }
  writeFileSync(join(folder, 'plimsoll.yaml'), deploymentFile('  judge: {grace: 10s}\n'));
  expect(await reloader.reload('signal')).toBe('applied');

  // Every destination has been tried, and has refused.
  await vi.waitFor(() => {
    const said = logged.join('');
    for (const sink of [
      'ops',
      'refuses',
      'unusable',
      'unreachable',
      'am',
      'sn',
      'sn-import',
      'jira',
      'itop',
      'pd',
      'slack',
      'teams',
      'mail',
      'grafana',
    ])
      expect(said).toContain(`"sink":"${sink}"`);
  });
  world.now += 60_000;
  await world.plimsoll.tick();
  await world.plimsoll.history!.settled();
  await world.plimsoll.otlpMetrics!.send();

  await askEverything(rated.traceId, headers);
  // From the first token on everybody has to say who they are.
  const { store } = world.configuration.deployment;
  const { token } = await new Client(world).make({ role: 'admin', name: 'first' });
  const visitor = new Visitor(world);
  expect((await visitor.post('/session', { token })).status).toBe(200);
  const [key] = /^[\w+/=]{40,}$/m.exec(readFileSync(keyFileOf(join(folder, 'store.db')), 'utf8'))!;
  made.push(
    { what: 'a token', mark: token, isNeverStored: true },
    { what: 'the cookie of a session', mark: visitor.cookie('plimsoll_session')!, isNeverStored: true },
    { what: 'the key of commands on this machine', mark: readLocalKey(store)!, isNeverStored: true },
    { what: 'the private key of the audit log', mark: key, isNeverStored: true },
  );
  await ask('no token', `${world.api}/services`);
  await ask('no token', `${otlpHttp}/v1/traces`, 'POST', '{}');
  await askEverything(rated.traceId, { authorization: `Bearer ${token}` });
  await askEverything(rated.traceId, { cookie: `plimsoll_session=${visitor.cookie('plimsoll_session')}` });

  await world.plimsoll.access.log.written();
  const audit = await world.plimsoll.records.selectFrom('audit_entry').select('entry').execute();
  surfaces['audit'] = JSON.stringify(audit);
  for (const [i, { method, path, headers, body }] of receiver.received.entries()) {
    surfaces[`delivery path ${i}`] = `${method} ${path}`;
    surfaces[`delivery content ${i}`] = `${JSON.stringify(headers)}\n${body}`;
  }
  surfaces['log'] = logged.join('');
});

/** Asks every address that gives something, as the one who has these headers. */
async function askEverything(traceId: string, as: Record<string, string>): Promise<void> {
  const values: Record<string, string> = { name: 'bot', traceId, id: 'INC-1' };
  for (const { method, path } of ROUTES) {
    if (method !== 'get' || STREAMS.includes(path)) continue;
    const named = path.startsWith('/objectives') ? { ...values, name: 'bot-availability' } : values;
    const range = `?from=${new Date(START).toISOString()}&to=${new Date(world.now).toISOString()}`;
    const asked = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name]!);
    await ask(path, `${world.api}${asked}${/measures|\/interactions$/.test(path) ? range : ''}`, 'GET', undefined, as);
  }
  for (const path of ['/metrics', '/healthz', '/readyz', '/'])
    await ask(path, `${world.plimsoll.addresses.http}${path}`, 'GET', undefined, as);
}

afterAll(async () => {
  await reloader.close();
  await world.end();
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Answers that go on: what is sent there are ids and states. */
const STREAMS = ['/events', '/explain'];

/** The mark as it is, and as it would stand in something that encodes it. */
const formsOf = (text: string): string[] => [
  text,
  encodeURIComponent(text),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
];

const found = ({ mark: text }: Planted, within: Surfaces): string[] =>
  Object.entries(within)
    .filter(([, content]) => formsOf(text).some((form) => content.includes(form)))
    .map(([surface]) => surface);

it('what is sought can be found: every surface says something, and each destination was told', () => {
  expect(Object.entries(surfaces).filter(([, content]) => content === '')).toEqual([]);
  expect(found({ what: '', mark: 'bot-availability' }, surfaces).length).toBeGreaterThan(10);
  expect(found(SECRETS.webhookPath, surfaces)).not.toEqual([]);
  expect(found(SECRETS.alertmanagerPath, surfaces)).not.toEqual([]);
  for (const name of [...TOOLS, 'influxPassword', 'otlpHeader'] as const)
    expect([name, found(SECRETS[name], surfaces).length > 0]).toEqual([name, true]);
  expect(surfaces['log']).toContain('configuration refused');
  expect(surfaces['log']).toContain('points of the history were not taken');
  expect(surfaces['log']).toContain('metrics could not be sent');
  const answers = Object.keys(surfaces).map((surface) => surface.replace(/ #\d+/, ''));
  expect(answers).toEqual(
    expect.arrayContaining([
      'answer traces 200',
      'answer feedback 200',
      'answer malformed 400',
      'answer move 200',
      'answer /incidents/{id} 200',
    ]),
  );
});

it.each(Object.values<Planted>(SECRETS))('$what is nowhere but where it belongs', (planted) => {
  const elsewhere = found(planted, surfaces).filter(
    (surface) => planted.belongs === undefined || !surface.startsWith(planted.belongs),
  );
  expect(elsewhere).toEqual([]);
});

it('what the house makes itself is nowhere but where it was given', () => {
  expect(made.map(({ mark: text }) => text.length > 20)).toEqual([true, true, true, true]);
  expect(made.flatMap((one) => found(one, surfaces).map((surface) => `${one.what}: ${surface}`))).toEqual([]);
});

it('what belongs to nobody is not even stored', () => {
  const store = ['store.db', 'store.db-wal'].map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  expect(store).toContain('bot-availability');
  const stored = [...Object.values<Planted>(SECRETS), ...made].filter(
    ({ mark: text, isNeverStored }) => isNeverStored && formsOf(text).some((form) => store.includes(form)),
  );
  expect(stored.map(({ what }) => what)).toEqual([]);
});

it('the secret that Plimsoll shows to an identity provider is shown to nobody else, also when the provider is out of reach', async () => {
  const said: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void said.push(line) });
  const hidden = { what: 'the client secret', mark: mark() };
  const signIn = await World.start({
    log,
    secret: async () => hidden.mark,
    services: [service('bot')],
    spec: {
      auth: {
        oidc: {
          issuer: 'http://127.0.0.1:9',
          clientId: 'plimsoll',
          clientSecret: 'env:OIDC',
          roles: [{ group: '*', role: 'viewer' }],
        },
      },
    },
  });
  const seen: Record<string, string> = {};
  for (const path of [
    '/sign-in/oidc',
    '/sign-in/callback?code=x&state=y',
    '/sign-in',
    '/readyz',
    '/api/v1/session',
    '/metrics',
  ]) {
    const response = await fetch(signIn.plimsoll.addresses.http + path, { redirect: 'manual' });
    seen[path] = `${JSON.stringify([...response.headers])} ${await response.text()}`;
  }
  await signIn.plimsoll.access.log.written();
  seen['audit'] = JSON.stringify(await signIn.plimsoll.records.selectFrom('audit_entry').selectAll().execute());
  await signIn.end();
  seen['log'] = said.join('');
  expect(found(hidden, seen)).toEqual([]);
});
