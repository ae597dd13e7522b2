import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../../src/server/config/load.ts';
import { type ConfigProblem, formatProblems } from '../../../src/server/config/problem.ts';

const root = mkdtempSync(join(tmpdir(), 'plimsoll-config-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = root;
let runs = 0;
beforeEach(() => {
  folder = join(root, String(runs++));
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const DEPLOYMENT = `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: eu1}
spec:
  store: {url: "sqlite:./data/p.db"}
  services: ["services/*.yaml"]
`;
const SERVICE = `apiVersion: plimsoll/v1
kind: Service
metadata: {name: support-bot}
spec:
  owner: {name: Dana Ruiz, email: dana@example.com}
  criticality: 2
  evaluations: {groundedness: {scale: [0, 1], good: high, pass: 0.7}}
`;
const OBJECTIVE = `apiVersion: plimsoll/v1
kind: Objective
metadata: {name: support-bot-groundedness}
spec:
  service: support-bot
  kind: XLA
  measure: {type: accuracy, evaluation: groundedness, pass: ">= 0.7"}
  target: 0.97
`;

const CONTRACT = `${OBJECTIVE.replace('kind: XLA', 'kind: SLA')}  window: {calendar: month}\n`;

function load(deployment = DEPLOYMENT, services = `${SERVICE}---\n${OBJECTIVE}`) {
  const path = write('plimsoll.yaml', deployment);
  if (services !== '') write('services/support-bot.yaml', services);
  return loadConfiguration(path);
}

/** Objectives beside the first one, each given by its measure and what else its spec has. */
const withObjectives = (...specs: readonly string[]): string =>
  [
    SERVICE,
    OBJECTIVE,
    ...specs.map(
      (spec, i) =>
        `apiVersion: plimsoll/v1\nkind: Objective\nmetadata: {name: more-${i}}\nspec: {service: support-bot, ${spec}}\n`,
    ),
  ].join('---\n');

function problems(deployment?: string, services?: string): readonly ConfigProblem[] {
  const result = load(deployment, services);
  if (result.ok) throw new Error('it was accepted');
  return result.problems;
}

describe('a configuration that is right', () => {
  it('is read whole: the store beside the file, the services it names', () => {
    const result = load();
    if (!result.ok) throw new Error(formatProblems(result.problems));
    const { deployment, services, objectives } = result.configuration;
    expect(deployment.store).toEqual({ type: 'sqlite', path: join(folder, 'data/p.db') });
    expect(services.map((service) => service.name)).toEqual(['support-bot']);
    expect(objectives.map((objective) => objective.target?.share)).toEqual([0.97]);
    expect(result.files).toHaveLength(2);
  });

  it.each([
    [
      'a deployment with only the keys it may have, empty lists included',
      `${DEPLOYMENT.split('  store')[0]}  listen: {}\n  services: []\n  sinks: []\n  egress: {allow: []}\n  judge: {}\n  retention: {}\n`,
    ],
    [
      'the gRPC address before there is gRPC',
      `${DEPLOYMENT}  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}\n`,
    ],
    ['JSON, which is YAML too', '{"apiVersion":"plimsoll/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{}}'],
  ])('%s', (_what, deployment) => {
    const result = load(deployment, '');
    if (!result.ok) throw new Error(formatProblems(result.problems));
  });

  it('a pattern that matches nothing is a warning', () => {
    const result = load(DEPLOYMENT, '');
    expect(result.ok && result.warnings.map((one) => one.code)).toEqual(['PLIM_CONFIG_NO_MATCH']);
  });
});

describe('a mistake is named with its place, what was found, and what is near', () => {
  const service = (text: string): string => `${SERVICE}---\n${text}`;
  it.each([
    [
      'a misspelt key',
      DEPLOYMENT,
      service(OBJECTIVE.replace('target:', 'targt:')),
      { line: 16, column: 3, path: 'spec.targt', code: 'PLIM_CONFIG_UNKNOWN_KEY', hint: 'did you mean "target"?' },
    ],
    [
      'a misspelt key in a measure',
      DEPLOYMENT,
      service(OBJECTIVE.replace('evaluation:', 'evaluaton:')),
      { line: 15, column: 29, path: 'spec.measure.evaluaton', hint: 'did you mean "evaluation"?' },
    ],
    [
      'a misspelt key of a deployment',
      DEPLOYMENT.replace('store:', 'stroe:'),
      '',
      { line: 5, column: 3, path: 'spec.stroe', hint: 'did you mean "store"?' },
    ],
    [
      'an origin with a path',
      `${DEPLOYMENT}  listen: {cors: ['https://app.example.com/chat']}\n`,
      '',
      { path: 'spec.listen.cors[0]', hint: 'write https://app.example.com' },
    ],
    [
      'an unknown measure',
      DEPLOYMENT,
      service(OBJECTIVE.replace('type: accuracy', 'type: accurracy')),
      { path: 'spec.measure.type', found: '"accurracy"', hint: 'did you mean "accuracy"?' },
    ],
    [
      'an unknown kind of document',
      DEPLOYMENT,
      service(OBJECTIVE.replace('kind: Objective', 'kind: Objektive')),
      { line: 10, path: 'kind', found: '"Objektive"', hint: 'did you mean "Objective"?' },
    ],
    [
      'an unknown value of a list',
      DEPLOYMENT,
      service(OBJECTIVE.replace('kind: XLA', 'kind: XLO')),
      { line: 14, column: 9, path: 'spec.kind', found: '"XLO"' },
    ],
    [
      'a number where a duration belongs',
      `${DEPLOYMENT}  judge: {grace: 15}\n`,
      '',
      { path: 'spec.judge.grace', found: '15', message: expect.stringContaining('duration like 15m') },
    ],
    [
      'a number where a size belongs',
      `${DEPLOYMENT}  limits: {body: 64}\n`,
      '',
      { path: 'spec.limits.body', found: '64', message: expect.stringContaining('size like 64MiB') },
    ],
    [
      'a size out of range',
      `${DEPLOYMENT}  limits: {body: 1GiB}\n`,
      '',
      { path: 'spec.limits.body', found: '"1GiB"', hint: 'write 256MiB' },
    ],
    [
      'a limit that leaves no room for another',
      `${DEPLOYMENT}  limits: {body: 128MiB}\n`,
      '',
      { path: 'spec.limits.bodiesInFlight', message: expect.stringContaining('at least twice `body`') },
    ],
    [
      'a limit out of range',
      `${DEPLOYMENT}  limits: {valueDepth: 25}\n`,
      '',
      { path: 'spec.limits.valueDepth', found: '25', message: expect.stringContaining('from 1 to 24') },
    ],
    [
      'a target out of range',
      DEPLOYMENT,
      service(OBJECTIVE.replace('0.97', '0.999999')),
      { path: 'spec.target', found: '0.999999', hint: 'write 0.99999' },
    ],
    [
      'a target that allows more bad than good',
      DEPLOYMENT,
      service(OBJECTIVE.replace('0.97', '0.05')),
      { path: 'spec.target', found: '0.05', hint: 'write 0.5' },
    ],
    [
      'a response rate of nearly nobody',
      DEPLOYMENT,
      service(
        OBJECTIVE.replace('0.97', '0.001').replace(/measure:.*/, 'measure: {type: satisfaction, responseRate: true}'),
      ),
      { path: 'spec.target', found: '0.001', hint: 'write 0.01' },
    ],
    [
      'a sampling of evaluations',
      DEPLOYMENT,
      service(OBJECTIVE.replace(/measure:.*/, 'measure: {type: accuracy, evaluation: e, sampling: random}')),
      { path: 'spec.measure.sampling', message: expect.stringContaining('belongs to accuracy by label') },
    ],
    [
      'a target in percent',
      DEPLOYMENT,
      service(OBJECTIVE.replace('0.97', '97')),
      { path: 'spec.target', hint: 'write 0.97 for 97 %' },
    ],
    [
      'a missing key',
      DEPLOYMENT,
      service(OBJECTIVE.replace('  target: 0.97\n', '')),
      { path: 'spec', code: 'PLIM_CONFIG_MISSING_KEY' },
    ],
    [
      'a service that is not there',
      DEPLOYMENT,
      service(OBJECTIVE.replace('service: support-bot', 'service: suport-bot')),
      { line: 13, path: 'spec.service', hint: 'did you mean "support-bot"?' },
    ],
    [
      'a judge that is not declared',
      DEPLOYMENT,
      service(OBJECTIVE.replace('evaluation: groundedness, pass: ">= 0.7"', 'label: correct, judge: groundednes')),
      { path: 'spec.measure.judge', hint: 'did you mean "groundedness"?' },
    ],
    [
      'strata that the service is not sliced by',
      DEPLOYMENT,
      service(
        OBJECTIVE.replace(
          'evaluation: groundedness, pass: ">= 0.7"',
          'label: correct, judge: groundedness, strata: respons_model',
        ),
      ),
      { path: 'spec.measure.strata', hint: 'did you mean "response_model"?' },
    ],
    [
      'a judge of the unlabelled beside labels of volunteers',
      DEPLOYMENT,
      service(
        OBJECTIVE.replace(
          'evaluation: groundedness, pass: ">= 0.7"',
          'label: correct, judge: groundedness, sampling: voluntary',
        ),
      ),
      { path: 'spec.measure.sampling', hint: 'write sampling: random, or remove it' },
    ],
    [
      'strata without a judge',
      DEPLOYMENT,
      service(OBJECTIVE.replace('evaluation: groundedness, pass: ">= 0.7"', 'label: correct, strata: response_model')),
      { path: 'spec.measure.strata', hint: 'remove it, or write judge:' },
    ],
    [
      'a judge beside an estimate without labels',
      DEPLOYMENT,
      service(
        OBJECTIVE.replace(
          'evaluation: groundedness, pass: ">= 0.7"',
          'label: correct, judge: groundedness, confidence: self',
        ),
      ),
      { path: 'spec.measure', hint: 'write two objectives' },
    ],
    [
      'a component that nothing says how to measure',
      DEPLOYMENT,
      service(
        OBJECTIVE.replace(
          'type: accuracy, evaluation: groundedness, pass: ">= 0.7"',
          'type: trust, component: calibration',
        ),
      ),
      { path: 'spec.measure.component', hint: 'write trust: {confidence: and its name} in the file of support-bot' },
    ],
    [
      'a trust index without safety, which is never published',
      DEPLOYMENT,
      [
        SERVICE.concat('  audience: employees\n  trust: {components: [satisfaction, reliance]}\n'),
        OBJECTIVE.replace('type: accuracy, evaluation: groundedness, pass: ">= 0.7"', 'type: trust'),
      ].join('---\n'),
      {
        path: 'spec.measure',
        hint: 'write safety into trust.components in the file of support-bot, or name one component here',
      },
    ],
    [
      'transparency by an evaluation without a pass mark',
      DEPLOYMENT,
      SERVICE.replace(', pass: 0.7', '').concat('  trust: {transparency: groundedness}\n'),
      { path: 'spec.trust.transparency', hint: 'write evaluations: {groundedness: {pass: 0.5}}' },
    ],
    [
      'an evaluation that is not declared',
      DEPLOYMENT,
      service(OBJECTIVE.replace('evaluation: groundedness', 'evaluation: groundednes')),
      { path: 'spec.measure.evaluation', hint: 'did you mean "groundedness"?' },
    ],
    [
      'an anchor of the audit log that is no sink',
      `${DEPLOYMENT}  sinks: [{name: ops, type: webhook, url: "https://ops.example.com/in", secret: "env:PATH"}]\n  audit: {anchors: [opps]}\n`,
      '',
      { path: 'spec.audit.anchors[0]', hint: 'did you mean "ops"?', code: 'PLIM_CONFIG_UNKNOWN_NAME' },
    ],
    [
      'an anchor of the audit log that keeps nothing',
      `${DEPLOYMENT}  sinks: [{name: am, type: alertmanager, urls: ["https://am.example.com"]}]\n  audit: {anchors: [am]}\n`,
      '',
      { path: 'spec.audit.anchors[0]', hint: 'name one of type webhook' },
    ],
    [
      'a key of the audit log that is not there',
      `${DEPLOYMENT}  audit: {key: "file:/nowhere/audit.pem"}\n`,
      '',
      { path: 'spec.audit.key', code: 'PLIM_CONFIG_SECRET_UNREADABLE' },
    ],
    [
      'a second objective of the same name',
      DEPLOYMENT,
      service(`${OBJECTIVE}---\n${OBJECTIVE}`),
      { line: 20, path: 'metadata.name', code: 'PLIM_CONFIG_DUPLICATE_NAME' },
    ],
    [
      'a key that stands twice',
      DEPLOYMENT,
      service(`${OBJECTIVE}  target: 0.9\n`),
      { line: 17, code: 'PLIM_CONFIG_DUPLICATE_KEY' },
    ],
    ['text that is not YAML', DEPLOYMENT, 'a: [1, 2', { code: 'PLIM_CONFIG_NOT_YAML' }],
    [
      'an open address',
      `${DEPLOYMENT}  listen: {http: 0.0.0.0:8080}\n`,
      '',
      { path: 'spec.listen.http', code: 'PLIM_CONFIG_OPEN_NETWORK' },
    ],
    [
      'a password in the address of a PostgreSQL',
      DEPLOYMENT.replace('sqlite:./data/p.db', 'postgres://u:geheim@db/p'),
      '',
      { path: 'spec.store.url', code: 'PLIM_CONFIG_LITERAL_SECRET', found: null },
    ],
    [
      'a PostgreSQL without a database',
      DEPLOYMENT.replace('sqlite:./data/p.db', 'postgres://u@db'),
      '',
      { path: 'spec.store.url', found: null },
    ],
    [
      'a password for a file',
      DEPLOYMENT.replace('"sqlite:./data/p.db"', '"sqlite:./data/p.db", password: "env:PATH"'),
      '',
      { path: 'spec.store.password' },
    ],
    [
      'a password of PostgreSQL that is nowhere',
      `${DEPLOYMENT.replace('"sqlite:./data/p.db"', '"postgres://u@db/p", password: "env:PLIMSOLL_NO_SUCH"')}  audit: {key: "env:PATH"}\n`,
      '',
      { path: 'spec.store.password', code: 'PLIM_CONFIG_SECRET_UNREADABLE' },
    ],
    [
      'a sink that signs in half',
      `${DEPLOYMENT}  sinks: [{name: itsm, type: servicenow, url: "https://itsm.example.com", user: plimsoll}]\n`,
      '',
      { path: 'spec.sinks[0]', code: 'PLIM_CONFIG_INVALID_VALUE' },
    ],
    [
      'a sink that is not there yet',
      `${DEPLOYMENT}  sinks: [{name: ops, type: jsm_ops, apiKey: "env:OPS"}]\n`,
      '',
      { path: 'spec.sinks[0].type', code: 'PLIM_CONFIG_NOT_IN_THIS_VERSION' },
    ],
    [
      'a mail server with a password in it',
      `${DEPLOYMENT}  sinks: [{name: m, type: email, url: "smtp://u:geheim@mx.example.com:25", from: a@example.com, to: [b@example.com]}]\n`,
      '',
      { path: 'spec.sinks[0].url', found: null },
    ],
    [
      'a mail address with a second line',
      `${DEPLOYMENT}  sinks: [{name: m, type: email, url: "smtp://mx.example.com:25", from: a@example.com, to: ["b@example.com\\nBcc: c@example.com"]}]\n`,
      '',
      { path: 'spec.sinks[0].to[0]' },
    ],
    [
      'the address of a flow instead of where it is',
      `${DEPLOYMENT}  sinks: [{name: t, type: teams, url: "https://flow.example.com/?sig=geheim"}]\n`,
      '',
      { path: 'spec.sinks[0].url', code: 'PLIM_CONFIG_LITERAL_SECRET', found: null },
    ],
    [
      'a sink of no known type',
      `${DEPLOYMENT}  sinks: [{name: pd, type: webhok, url: "https://x.example"}]\n`,
      '',
      { path: 'spec.sinks[0].type', hint: 'did you mean "webhook"?' },
    ],
    [
      'fewer false incidents than can be promised',
      `${DEPLOYMENT}  falseIncidents: {count: 0.000001, per: 10y}\n`,
      service(OBJECTIVE),
      {
        path: 'spec.falseIncidents.count',
        message: expect.stringContaining('support-bot-groundedness would be alarmed at 5260000000000'),
        hint: 'write 0.00000526 or more, shared among one objective',
      },
    ],
    [
      'more false incidents than a test was examined for',
      `${DEPLOYMENT}  falseIncidents: {count: 100}\n`,
      service(`${OBJECTIVE}---\n${OBJECTIVE.replace('-groundedness', '-two')}`),
      { path: 'spec.falseIncidents.count', hint: 'write 86.4 or less, shared among 2 objectives' },
    ],
    [
      'no number of false incidents',
      `${DEPLOYMENT}  falseIncidents: {count: .nan}\n`,
      '',
      { path: 'spec.falseIncidents.count', message: 'expected a number above 0' },
    ],
    [
      'endless false incidents',
      `${DEPLOYMENT}  falseIncidents: {count: 1.0e+300}\n`,
      '',
      { path: 'spec.falseIncidents.count', message: 'expected 1000000 or less: write 1000000' },
    ],
    [
      'a scale without end',
      DEPLOYMENT,
      SERVICE.replace('[0, 1]', '[0, .inf]'),
      { path: 'spec.evaluations.groundedness.scale[1]' },
    ],
    [
      'a window that is too short',
      DEPLOYMENT,
      service(`${OBJECTIVE}  window: {rolling: 1m}\n`),
      { path: 'spec.window.rolling', hint: 'write 5m' },
    ],
    [
      'a target that no detector can watch',
      DEPLOYMENT,
      service(OBJECTIVE.replace('0.97', '0.999999')),
      { path: 'spec.target', hint: 'write 0.99999' },
    ],
    [
      'credits of what was not contracted',
      DEPLOYMENT,
      service(`${OBJECTIVE}  window: {calendar: month}\n  credits: [{below: 0.9, credit: 10}]\n`),
      { path: 'spec.credits', hint: 'write kind: SLA' },
    ],
    [
      'credits of a window that has no periods',
      DEPLOYMENT,
      service(`${CONTRACT}  credits: [{below: 0.9, credit: 10}]\n`.replace('  window: {calendar: month}\n', '')),
      { path: 'spec.credits', hint: 'write window: {calendar: month}' },
    ],
    [
      'a credit that is owed although the target is met',
      DEPLOYMENT,
      service(`${CONTRACT}  credits: [{below: 0.98, credit: 10}]\n`),
      { path: 'spec.credits[0].below', found: '0.98', hint: 'write 0.97 or less' },
    ],
    [
      'tiers of credits in another order',
      DEPLOYMENT,
      service(`${CONTRACT}  credits: [{below: 0.9, credit: 25}, {below: 0.95, credit: 30}]\n`),
      { path: 'spec.credits[1].below', message: 'expected less than 0.9, which the tier before it says' },
    ],
    [
      'a lower tier that owes less',
      DEPLOYMENT,
      service(`${CONTRACT}  credits: [{below: 0.95, credit: 25}, {below: 0.9, credit: 10}]\n`),
      { path: 'spec.credits[1].credit', message: 'expected more than 25, which the tier before it says' },
    ],
    [
      'a tier in per cent',
      DEPLOYMENT,
      service(`${CONTRACT}  credits: [{below: 95, credit: 25}]\n`),
      { path: 'spec.credits[0].below', hint: 'write 0.95 for 95 %' },
    ],
  ])('%s', (_what, deployment, services, expected) => {
    const found = problems(deployment, services);
    expect(found[0]).toMatchObject(expected);
  });

  it('hooks that share a name, and services that nobody declares', () => {
    const rule = '{repository: acme/bot, services: [suport-bot]}';
    const hook = `{name: gh, type: github, secret: "env:HOME", deployments: [${rule}]}`;
    const found = problems(`${DEPLOYMENT}  hooks: [${hook}, ${hook.replace('suport', 'support')}]\n`, SERVICE);
    expect(found).toMatchObject([
      { code: 'PLIM_CONFIG_UNKNOWN_NAME', path: 'spec.hooks[0].deployments[0].services[0]' },
      { code: 'PLIM_CONFIG_DUPLICATE_NAME', path: 'spec.hooks[1].name' },
    ]);
  });

  it('a secret that is written out is refused and never shown', () => {
    const found = problems(
      `${DEPLOYMENT}  sinks: [{name: ops, type: webhook, url: "https://x.example", secret: "whsec_geheim"}]\n`,
      '',
    );
    expect(found[0]).toMatchObject({ path: 'spec.sinks[0].secret', code: 'PLIM_CONFIG_LITERAL_SECRET', found: null });
    expect(formatProblems(found)).not.toContain('geheim');
  });

  it('an environment variable that is not set is named', () => {
    const found = problems(
      `${DEPLOYMENT}  sinks: [{name: ops, type: webhook, url: "https://x.example", secret: "env:PLIMSOLL_NOT_SET"}]\n`,
      '',
    );
    expect(found[0]!.message).toContain('PLIMSOLL_NOT_SET');
  });

  it('a file that is not there', () => {
    const result = loadConfiguration(join(folder, 'nothing.yaml'));
    expect(!result.ok && result.problems[0]).toMatchObject({ line: 0, code: 'PLIM_CONFIG_UNREADABLE' });
  });

  it('all of them at once, each on a line of its own', () => {
    const found = problems(
      `${DEPLOYMENT}  judge: {grace: 15}\n  colour: red\n`,
      service(OBJECTIVE.replace('0.97', '2')),
    );
    expect(found.length).toBe(3);
    expect(formatProblems(found).split('\n')).toHaveLength(3);
    expect(formatProblems(found)).toMatch(
      /plimsoll\.yaml:7:18 {2}spec\.judge\.grace {2}expected a duration like 15m, found 15 {2}\[PLIM_CONFIG_INVALID_VALUE\]/,
    );
  });
});

it('no text at all makes the loader fail in any other way', () => {
  const path = write('any.yaml', '');
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(fc.nat(DEPLOYMENT.length), fc.string({ maxLength: 5 }))
      .map(([at, text]) => DEPLOYMENT.slice(0, at) + text + DEPLOYMENT.slice(at)),
    fc
      .tuple(fc.nat(OBJECTIVE.length), fc.string({ maxLength: 5 }))
      .map(([at, text]) => OBJECTIVE.slice(0, at) + text + OBJECTIVE.slice(at + 3)),
  );
  fc.assert(
    fc.property(noise, (text) => {
      writeFileSync(path, text);
      const result = loadConfiguration(path);
      if (!result.ok) expect(formatProblems(result.problems).length).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});

describe('objectives that are about others, or about what traffic was', () => {
  const messages = (...specs: readonly string[]): string[] =>
    problems(DEPLOYMENT, withObjectives(...specs)).map(({ message, hint }) => `${message}: ${hint}`);
  const composite = (...of: readonly string[]): string =>
    `measure: {type: composite, of: [${of.join(', ')}], rule: worst}, target: 0.9`;
  const parity = (of: string, dimension: string): string =>
    `measure: {type: parity, of: ${of}, dimension: ${dimension}, limit: 0.05}`;
  const drift = (feature: string): string => `measure: {type: drift, feature: "${feature}"}`;

  it('are taken where everything they name is there', () => {
    const result = load(
      DEPLOYMENT,
      withObjectives(
        composite('support-bot-groundedness', 'more-1'),
        'measure: {type: relevance, evaluation: groundedness}, target: 0.8',
        parity('support-bot-groundedness', 'response_model'),
        ...['input_tokens', 'finish_class', 'groundedness', 'agent'].map(drift),
      ),
    );
    expect(result).toMatchObject({ ok: true });
  });

  it('accuracy from confidence has no events of values to compare', () => {
    const guess = 'measure: {type: accuracy, label: correct, confidence: groundedness}, target: 0.8';
    expect(messages(guess, parity('more-0', 'response_model'))).toEqual([
      expect.stringContaining("more-0 can't be compared between values"),
    ]);
  });

  it('composites made of themselves are refused', () => {
    const circle = 'it is made of itself: more-0 -> more-1 -> more-0: take one of them out';
    const found = messages(
      composite('support-bot-groundedness', 'more-1'),
      composite('support-bot-groundedness', 'more-0'),
    );
    expect(found).toEqual([circle, circle]);
  });

  it('what is no share of what is good is no member', () => {
    expect(messages(composite('support-bot-groundedness', 'more-1'), drift('duration'))).toEqual([
      "more-1 can't be a part: drift is no share of what is good: remove it from the list",
    ]);
  });

  it.each([
    [drift('embedding:'), 'an embedding is named by its model, as telemetry names that'],
    [drift('input_token'), 'neither a feature, an evaluation nor a dimension'],
    ['measure: {type: relevance, evaluation: relevnce}, target: 0.8', 'declares no evaluation "relevnce"'],
    [parity('nobody', 'response_model'), 'no objective is named nobody'],
    [composite('nobody', 'support-bot-groundedness'), 'no objective is named nobody'],
    [parity('support-bot-groundedness', 'tenant'), 'support-bot is not sliced by tenant'],
    [`${parity('support-bot-groundedness', 'agent')}, target: 0.9`, 'a parity objective has no target'],
  ])('%s is refused', (spec, message) => {
    expect(messages(spec)).toEqual([expect.stringContaining(message)]);
  });
});

it('tiers that would be kept shorter than what they are made of, and services shorter than all, are refused', () => {
  const shorter = (retention: string, logRetention: string): string[] => {
    const result = load(
      `${DEPLOYMENT}  retention: {${retention}}\n`,
      `apiVersion: plimsoll/v1\nkind: Service\nmetadata: {name: other}\nspec: {logRetention: ${logRetention}}\n`,
    );
    return result.ok ? [] : result.problems.map(({ path }) => path);
  };
  expect(shorter('hours: 90d', '45d')).toEqual(['spec.retention.hours']);
  expect(shorter('days: 399d', '45d')).toEqual(['spec.retention.days']);
  expect(shorter('interactions: 60d', '59d')).toEqual(['spec.logRetention']);
  expect(shorter('interactions: 60d', '60d')).toEqual([]);
});
