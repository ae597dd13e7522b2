import { z } from 'zod';
import { prices } from '../prices/price.ts';
import { parseDuration } from '../time.ts';
import { DEFAULT_DIMENSIONS, dimension } from './dimension.ts';
import { frame, map, metadata, record } from './document.ts';
import { date, duration, flag, httpUrl, label, list, longText, maybe, refuse, text } from './fields.ts';
import { maintenanceWindow } from './maintenance.ts';
import { TRUST_COMPONENTS } from './measure.ts';
import type { PassMark } from './pass-mark.ts';

export const LIFECYCLE = ['onboard', 'assess', 'build_test', 'deploy', 'offboarding'] as const;
export const AI_ACT_ROLES = [
  'provider',
  'deployer',
  'importer',
  'distributor',
  'authorised_representative',
  'product_manufacturer',
] as const;
export const RISK_CLASSES = [
  'prohibited',
  'high_annex_i',
  'high_annex_iii',
  'transparency_art50',
  'minimal',
  'out_of_scope',
  'undetermined',
] as const;
export type RiskClass = (typeof RISK_CLASSES)[number];
export const ARTICLE_50_TRIGGERS = [
  'interacts_with_people',
  'synthetic_content',
  'emotion_recognition',
  'biometric_categorisation',
  'deep_fake',
  'public_interest_text',
] as const;
export const RELATIONS = ['depends_on', 'runs_on', 'hosted_on', 'contains', 'consumes'] as const;
export const SIDE_EFFECTS = ['none', 'read', 'write', 'irreversible'] as const;
/** What there is to judge a service by; `reports` are those of people, `status` is a vendor's page. */
export const EVIDENCE_KINDS = ['telemetry', 'probe', 'reports', 'import', 'status'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
export const CONTENT_POLICIES = ['drop', 'hash', 'sample'] as const;

/** Logs of a high-risk service are kept for six months at least (AI Act, Art. 26(6)); that is up to 184 days. */
export const HIGH_RISK_RETENTION = '184d';

const criticality = z
  .int({ error: 'expected a whole number from 1 (most critical) to 4' })
  .min(1, 'expected a whole number from 1 (most critical) to 4')
  .max(4, 'expected a whole number from 1 (most critical) to 4');
const sha256 = z
  .string({ error: 'expected 64 hex digits' })
  .regex(/^[0-9a-f]{64}$/i, 'expected 64 hex digits')
  .transform((hex) => hex.toLowerCase());
const person = map({ name: text, email: maybe(z.email({ error: 'expected an e-mail address' })) });

/** Resource attributes by which telemetry names the service. */
const match = map({
  /** One name, or all that it goes by. */
  'service.name': z
    .union([text.transform((name) => [name]), list(text).min(1)], { error: 'expected a name, or a list of names' })
    .optional(),
  'service.namespace': text.optional(),
  'deployment.environment.name': text.optional(),
  'deployment.environment': text.optional(),
});

/** Scores are compared and subtracted: far beyond what anybody scores by they would lose their digits. */
const SCALE_MAX = 1e9;
const scaleEnd = z
  .number({ error: 'expected a number' })
  .min(-SCALE_MAX, `expected ${-SCALE_MAX} or more: write ${-SCALE_MAX}`)
  .max(SCALE_MAX, `expected ${SCALE_MAX} or less: write ${SCALE_MAX}`);

const evaluation = map({
  scale: z
    .tuple([scaleEnd, scaleEnd], {
      error: 'expected a scale like [0, 1]',
    })
    .refine(([low, high]) => low < high, 'expected a scale like [0, 1], the lower end first')
    .default([0, 1]),
  good: z.enum(['high', 'low']).default('high'),
  /** The raw score from which an answer is good. */
  pass: maybe(z.number({ error: 'expected a score on the scale, like 0.7' })),
  /** It says whether an answer is safe: what does not reach the mark counts against safety. */
  safety: flag.default(false),
}).transform(({ scale, good, pass, safety }, context) => {
  const [low, high] = scale;
  if (pass !== null && !(pass >= low && pass <= high))
    return refuse(context, `expected a score on the scale, from ${low} to ${high}`, {}, ['pass']);
  if (safety && pass === null)
    return refuse(
      context,
      'an evaluation of safety says from which score on an answer is safe',
      {
        code: 'PLIM_CONFIG_MISSING_KEY',
        hint: 'write pass: and a score on the scale',
      },
      ['pass'],
    );
  const mark: PassMark | null = pass === null ? null : { op: good === 'high' ? '>=' : '<=', value: pass };
  return { low, high, good, pass: mark, safety };
});
/** How the raw scores of an evaluation are to be read. */
export type EvaluationScale = z.output<typeof evaluation>;

const dependency = z.union(
  [
    text.transform((name) => ({ name, relation: 'depends_on' as const, criticality: null })),
    map({ name: text, relation: z.enum(RELATIONS).default('depends_on'), criticality: maybe(criticality) }),
  ],
  { error: 'expected the name of what it depends on, or {name, relation, criticality}' },
);

const euAiAct = map({
  roles: list(z.enum(AI_ACT_ROLES)).default([]),
  riskClass: z.enum(RISK_CLASSES).default('undetermined'),
  /** Point of Annex III, like 4(a). */
  annexIIIPoint: maybe(text),
  /** Why it is not high-risk all the same (Art. 6(3)). */
  art63Exemption: maybe(longText),
  profiling: maybe(flag),
  art50Triggers: list(z.enum(ARTICLE_50_TRIGGERS)).default([]),
  applicableFrom: maybe(date),
  memberStates: list(z.string().regex(/^[A-Z]{2}$/, 'expected the two letters of a country, like DE')).default([]),
  authorityContacts: record(text).default({}),
  aiOfficeSupervised: maybe(flag),
  euDatabaseId: maybe(text),
  friaRef: maybe(text),
  dpiaRef: maybe(text),
  instructionsVersion: maybe(text),
  classification: maybe(map({ by: text, at: date, reason: longText })),
});

const links = map({
  trace: maybe(
    httpUrl.refine((url) => url.includes('{traceId}'), 'expected an address with {traceId} where the trace id goes'),
  ),
  runbook: maybe(httpUrl),
  /** By category, whole (`ai.availability.latency`) or its family (`availability`): they win over `runbook`. */
  runbooks: record(httpUrl).default({}),
  dashboard: maybe(httpUrl),
});

const spec = map({
  description: maybe(longText),
  intendedPurpose: maybe(longText),
  lifecycle: z.enum(LIFECYCLE).default('deploy'),
  /** Who last looked through this record and found it right, and how often that is to be done. */
  confirmed: maybe(map({ by: text, at: date })),
  confirmEvery: maybe(duration('1d')),
  environment: maybe(text),
  match: match.prefault({}),
  evidence: list(z.enum(EVIDENCE_KINDS)).min(1, 'expected one kind of evidence or more').default(['telemetry']),
  /** `head`: every exchange inside one entry is an interaction of its own. */
  exchange: z.enum(['entry', 'head']).default('entry'),

  owner: maybe(person),
  supportGroup: maybe(text),
  managedByGroup: maybe(text),
  changeGroup: maybe(text),
  oversight: list(person).default([]),
  /** By which times of its incidents count; null: around the clock. */
  schedule: maybe(label),
  /** Who is told of its incidents, one after the other. */
  escalationPolicy: maybe(label),
  criticality: criticality.default(3),
  tier: maybe(text),
  /** Whom the answers reach. */
  audience: z.enum(['customers', 'employees']).default('customers'),

  euAiAct: euAiAct.prefault({}),
  models: list(
    map({
      provider: text,
      name: text,
      version: maybe(text),
      hostedBy: maybe(text),
      modifiedByUs: maybe(flag),
      generalPurpose: maybe(flag),
      retiresOn: maybe(date),
    }),
  ).default([]),
  prompts: list(map({ id: text, version: maybe(text), sha256: maybe(sha256) })).default([]),
  datasets: list(map({ name: text, version: maybe(text) })).default([]),
  vectorStores: list(map({ index: text, embeddingModel: maybe(text), corpusVersion: maybe(text) })).default([]),
  tools: list(map({ name: text, sideEffects: z.enum(SIDE_EFFECTS).default('none') })).default([]),
  guardrails: list(map({ name: text, version: maybe(text) })).default([]),
  agents: list(map({ name: text })).default([]),
  dependsOn: list(dependency).default([]),
  /** When it is worked on: what breaks then is recorded, and nobody is called. */
  maintenanceWindows: list(maintenanceWindow).default([]),
  /** When nothing of it is changed but in an emergency. */
  freezeWindows: list(maintenanceWindow).default([]),

  personalData: list(text).default([]),
  specialCategories: maybe(flag),
  logRetention: maybe(duration('1d')),
  erasurePolicy: maybe(longText),
  content: maybe(z.enum(CONTENT_POLICIES)),

  slices: list(dimension).prefault([...DEFAULT_DIMENSIONS]),
  /** The span attribute that holds the application's own id of an interaction. */
  interactionId: maybe(map({ attribute: text })),
  evaluations: record(evaluation).default({}),
  /** What its models cost, where that is not what providers publish. */
  prices: maybe(prices),
  trust: map({
    /** Those that apply to it. */
    components: list(z.enum(TRUST_COMPONENTS))
      .min(1, 'expected one component or more')
      .default([...TRUST_COMPONENTS]),
    /** What says whether an answer was right: for reliance and calibration. */
    label: text.default('correct'),
    /** The evaluation whose stated confidence is held against that. */
    confidence: maybe(text),
    /** The evaluation that answers pass when they cite what they have to cite. */
    transparency: maybe(text),
  }).prefault({}),
  changes: z.enum(['record', 'review', 'gate']).default('record'),
  approval: z.enum(['internal', 'external']).default('internal'),
  links: links.prefault({}),
  /** What other tools call it, by the name of the sink. */
  externalRefs: record(text).default({}),
}).superRefine((service, context) => {
  const isHighRisk = isHighRiskClass(service.euAiAct.riskClass);
  if (isHighRisk && service.logRetention !== null && service.logRetention < parseDuration(HIGH_RISK_RETENTION)!)
    refuse(
      context,
      `the logs of a high-risk service are kept for ${HIGH_RISK_RETENTION} at least`,
      { hint: `write ${HIGH_RISK_RETENTION}` },
      ['logRetention'],
    );
  if (service.audience === 'customers' && !service.trust.components.includes('safety'))
    refuse(
      context,
      'trust always includes safety where answers reach customers',
      { hint: 'add safety, or write audience: employees' },
      ['trust', 'components'],
    );
  const names = service.slices.map((slice) => slice.name);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i) refuse(context, `the dimension ${name} is listed twice`, {}, ['slices', i]);
});

/** Classes whose logs and incidents the AI Act has rules for. */
export const isHighRiskClass = (riskClass: RiskClass): boolean =>
  riskClass === 'prohibited' || riskClass === 'high_annex_i' || riskClass === 'high_annex_iii';

/** An AI service: a configuration item with its people, its weight, its components, and how its telemetry is to be read. */
export const Service = map({ ...frame('Service'), metadata, spec: spec.prefault({}) }).transform(
  ({ metadata, spec: { match, environment, logRetention, confirmEvery, ...spec } }, context) => {
    const named = [environment, match['deployment.environment.name'], match['deployment.environment']].filter(
      (name) => name != null,
    );
    if (new Set(named).size > 1)
      return refuse(context, `a service has one environment, found ${named.join(' and ')}`, {}, [
        'spec',
        'environment',
      ]);
    return {
      ...metadata,
      ...spec,
      logRetentionMs: logRetention,
      confirmEveryMs: confirmEvery,
      /** '' is every environment that no other file names. */
      environment: named[0] ?? '',
      match: {
        serviceNames: match['service.name'] ?? [metadata.name],
        serviceNamespace: match['service.namespace'] ?? null,
      },
    };
  },
);
export type Service = z.output<typeof Service>;
