import { stringify } from 'yaml';

/** Names of the three services of the demo. */
export const SERVICES = { bot: 'support-bot', invoices: 'invoice-reader', policies: 'policy-search' } as const;
export const EXTRACT_MODEL = 'invoice-extract-4.1';
export const BAD_MODEL = 'invoice-extract-5.0';

const document = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'plimsoll/v1',
  kind,
  metadata: { name },
  spec,
});

const bot = [
  document('Service', SERVICES.bot, {
    description: 'Answers the questions of customers in the shop.',
    owner: { name: 'Dana Ruiz', email: 'dana@example.com' },
    supportGroup: 'ai-platform',
    criticality: 2,
    euAiAct: { roles: ['deployer'], riskClass: 'transparency_art50' },
    models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
    prompts: [{ id: 'answer', version: '7' }],
    dependsOn: ['openai'],
    evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
  }),
  document('Objective', `${SERVICES.bot}-availability`, {
    service: SERVICES.bot,
    kind: 'SLA',
    measure: { type: 'availability' },
    target: 0.99,
    alert: { detector: 'both' },
  }),
  document('Objective', `${SERVICES.bot}-latency`, {
    service: SERVICES.bot,
    kind: 'SLO',
    measure: { type: 'latency', threshold: '4s' },
    target: 0.95,
  }),
  document('Objective', `${SERVICES.bot}-groundedness`, {
    service: SERVICES.bot,
    kind: 'XLA',
    measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
    target: 0.95,
  }),
  document('Objective', `${SERVICES.bot}-satisfaction`, {
    service: SERVICES.bot,
    kind: 'XLA',
    measure: { type: 'satisfaction' },
    target: 0.85,
  }),
];

const invoices = [
  document('Service', SERVICES.invoices, {
    description: 'Reads invoices into the ledger.',
    owner: { name: 'Jonas Weber', email: 'jonas@example.com' },
    supportGroup: 'finance-systems',
    criticality: 3,
    audience: 'employees',
    euAiAct: { roles: ['provider', 'deployer'], riskClass: 'minimal' },
    models: [{ provider: 'self_hosted', name: 'invoice-extract', version: EXTRACT_MODEL }],
    evaluations: { fields_match: { scale: [0, 1], good: 'high', pass: 1 } },
  }),
  document('Objective', `${SERVICES.invoices}-availability`, {
    service: SERVICES.invoices,
    kind: 'SLO',
    measure: { type: 'availability' },
    target: 0.99,
  }),
  document('Objective', `${SERVICES.invoices}-accuracy`, {
    service: SERVICES.invoices,
    kind: 'SLO',
    measure: { type: 'accuracy', evaluation: 'fields_match', pass: '>= 1' },
    target: 0.93,
  }),
];

const policies = [
  document('Service', SERVICES.policies, {
    description: 'Finds what the company rules say.',
    owner: { name: 'Mira Okafor', email: 'mira@example.com' },
    supportGroup: 'people-systems',
    criticality: 3,
    audience: 'employees',
    euAiAct: { roles: ['deployer'], riskClass: 'minimal' },
    models: [{ provider: 'azure.ai.openai', name: 'gpt-4o', version: 'gpt-4o-2024-08-06' }],
    prompts: [{ id: 'search', version: '3' }],
    dependsOn: ['azure.ai.openai'],
    evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
  }),
  document('Objective', `${SERVICES.policies}-availability`, {
    service: SERVICES.policies,
    kind: 'SLA',
    measure: { type: 'availability' },
    target: 0.99,
  }),
  document('Objective', `${SERVICES.policies}-groundedness`, {
    service: SERVICES.policies,
    kind: 'XLA',
    measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' },
    target: 0.93,
  }),
];

const deployment = (http: number, otlpHttp: number, sinks: readonly object[]): object =>
  document('Deployment', 'demo', {
    listen: { http: `127.0.0.1:${http}`, otlpHttp: `127.0.0.1:${otlpHttp}` },
    store: { url: 'sqlite:./plimsoll.db' },
    services: ['services/*.yaml'],
    judge: { every: '5s', grace: '5s' },
    sinks,
    egress: { allow: ['127.0.0.1/32'] },
  });

export interface DemoConfiguration {
  /** Ports; 0 is any free one. */
  readonly http: number;
  readonly otlpHttp: number;
  readonly sinks: readonly object[];
}

/** The configuration files of the demo, by their paths: what a person would have written by hand. */
export const configurationFiles = ({ http, otlpHttp, sinks }: DemoConfiguration): Record<string, string> => {
  const yaml = (documents: readonly object[]): string => documents.map((one) => stringify(one)).join('---\n');
  return {
    'plimsoll.yaml': yaml([deployment(http, otlpHttp, sinks)]),
    [`services/${SERVICES.bot}.yaml`]: yaml(bot),
    [`services/${SERVICES.invoices}.yaml`]: yaml(invoices),
    [`services/${SERVICES.policies}.yaml`]: yaml(policies),
  };
};
