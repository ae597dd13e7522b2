import { budgetOutOfRange, budgetShares, sliceShare, wholeShare } from '../../catalog/false-incident-budget.ts';
import { belongsTo } from '../../catalog/plan-book.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import {
  DRIFT_FEATURES,
  embeddingModelOf,
  type MeasureConfig,
  type MeasureOf,
  type TrustComponent,
} from '../../model/config/measure.ts';
import type { Objective } from '../../model/config/objective.ts';
import type { Service } from '../../model/config/service.ts';
import { ANCHORING_SINKS } from '../../model/config/sink.ts';
import { inOrder } from '../../objectives/composite-reading.ts';
import { DETECTOR_LIMITS } from '../../objectives/e-detector.ts';
import { exposedDoors, isInsecureButLocal, OPEN_NETWORK } from '../access/exposure.ts';
import { fallbackProblems } from './fallback-checks.ts';
import { suggestion } from './nearest.ts';

/** Something that is wrong between documents: said at a path of one of them. */
export interface CrossProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint: string | null;
  readonly code: string;
}

/** @param hasTokens  whether somebody could show a valid one */
export const checkDeployment = (deployment: Deployment, hasTokens: () => boolean): CrossProblem[] => {
  const { listen, sinks, auth, audit, retention, store } = deployment;
  const problems: CrossProblem[] = [];
  if (store.type === 'postgres' && audit.key === null)
    problems.push({
      path: ['spec', 'audit'],
      message: 'a store in PostgreSQL is on no machine of its own that could keep the key of the audit log',
      hint: 'make one (openssl genpkey -algorithm ed25519 -out audit-key.pem) and name it for all replicas: audit: {key: "file:/path"}',
      code: 'PLIM_CONFIG_AUDIT_KEY',
    });
  const exposed = listen.trustNetwork || auth?.oidc != null ? [] : exposedDoors(deployment);
  if (exposed.length > 0 && !hasTokens())
    for (const door of exposed) problems.push({ path: ['spec', 'listen', door], ...OPEN_NETWORK });
  if (auth?.oidc != null && !auth.oidc.issuer.startsWith('https:') && !isInsecureButLocal(auth.oidc.issuer))
    problems.push({
      path: ['spec', 'auth', 'oidc', 'issuer'],
      message: 'what a provider says is believed, so it has to come over https',
      hint: 'write its https address; http is for one on this machine',
      code: 'PLIM_CONFIG_INVALID_VALUE',
    });
  const tiers = [
    ['minutes', retention.minutesMs],
    ['hours', retention.hoursMs],
    ['days', retention.daysMs],
  ] as const;
  for (const [i, [key, ms]] of tiers.entries())
    if (i > 0 && ms < tiers[i - 1]![1])
      problems.push({
        path: ['spec', 'retention', key],
        message: `${key} would be kept shorter than the ${tiers[i - 1]![0]} that they are made of`,
        hint: `at least as long as ${tiers[i - 1]![0]}`,
        code: 'PLIM_CONFIG_INVALID_VALUE',
      });
  const names = sinks.map((sink) => sink.name);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i)
      problems.push({
        path: ['spec', 'sinks', i, 'name'],
        message: `a second sink is named ${name}`,
        hint: 'give each its own name',
        code: 'PLIM_CONFIG_DUPLICATE_NAME',
      });
  problems.push(...fallbackProblems(sinks));
  for (const [i, name] of audit.anchors.entries()) {
    const type = sinks.find((sink) => sink.name === name)?.type;
    const path = ['spec', 'audit', 'anchors', i];
    if (type === undefined)
      problems.push({
        path,
        message: `no sink is named ${name}`,
        hint: suggestion(name, names),
        code: 'PLIM_CONFIG_UNKNOWN_NAME',
      });
    else if (!ANCHORING_SINKS.includes(type))
      problems.push({
        path,
        message: `a sink of type ${type} keeps no heads of the audit log`,
        hint: `name one of type ${ANCHORING_SINKS.join(' or ')}`,
        code: 'PLIM_CONFIG_INVALID_VALUE',
      });
  }
  return problems;
};

/** The budget of false incidents, shared as it is among all objectives, must lead to thresholds at which detectors keep it. */
export function checkFalseIncidents(
  { falseIncidents }: { readonly falseIncidents: Pick<Deployment['falseIncidents'], 'count' | 'per30Days'> },
  services: readonly Service[],
  objectives: readonly Objective[],
): CrossProblem[] {
  const shares = budgetShares(objectives, (objective) => services.find((service) => belongsTo(objective, service))!);
  const found = budgetOutOfRange(
    falseIncidents.per30Days,
    [...shares].flatMap(([objective, share]) => [
      { objective: objective.name, share: wholeShare(objective, share) },
      ...(objective.alert.slices.length > 0
        ? [{ objective: `each slice of ${objective.name}`, share: sliceShare(objective, share) }]
        : []),
    ]),
  );
  if (found === null) return [];
  const { objective, threshold, nearest } = found;
  const [low, high] = DETECTOR_LIMITS.threshold;
  const isTooFew = threshold > high;
  const count = nearest * (falseIncidents.count / falseIncidents.per30Days);
  const text = (value: number): string => String(Number(value.toPrecision(3)));
  return [
    {
      path: ['spec', 'falseIncidents', 'count'],
      message: `that is so ${isTooFew ? 'few' : 'many'} that ${objective} would be alarmed at ${text(threshold)}; no test was examined ${isTooFew ? `above ${high}` : `below ${low}`}`,
      hint: `write ${text(towards(count, isTooFew))}${isTooFew ? ' or more' : ' or less'}, shared among ${shares.size === 1 ? 'one objective' : `${shares.size} objectives`}`,
      code: 'PLIM_CONFIG_INVALID_VALUE',
    },
  ];
}

/** Three digits, rounded to the side on which it is valid. */
function towards(value: number, up: boolean): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return (up ? Math.ceil(value / unit) : Math.floor(value / unit)) * unit;
}

/** A service's rows may be kept longer than those of all, and not shorter: minutes are counted again from all of them. */
export const checkRetention = ({ retention }: Deployment, { logRetentionMs }: Service): CrossProblem[] =>
  logRetentionMs === null || logRetentionMs >= retention.interactionsMs
    ? []
    : [
        {
          path: ['spec', 'logRetention'],
          message: "the rows of a service can't be kept shorter than those of all",
          hint: 'at least as long as retention.interactions of the deployment',
          code: 'PLIM_CONFIG_INVALID_VALUE',
        },
      ];

export function checkService(service: Service, earlier: readonly Service[]): CrossProblem[] {
  const problems: CrossProblem[] = [];
  if (earlier.some((one) => one.name === service.name && one.environment === service.environment))
    problems.push({
      path: ['metadata', 'name'],
      message: `a second file declares ${service.name}${service.environment === '' ? '' : ` in ${service.environment}`}`,
      hint: 'one file a service and environment',
      code: 'PLIM_CONFIG_DUPLICATE_NAME',
    });
  else if (
    earlier.some(
      (one) =>
        one.match.serviceNames.some((name) => service.match.serviceNames.includes(name)) &&
        one.match.serviceNamespace === service.match.serviceNamespace &&
        one.environment === service.environment,
    )
  )
    problems.push({
      path: ['spec', 'match'],
      message: `another file matches the same telemetry (service.name ${service.match.serviceNames.join(', ')})`,
      hint: 'one file a service and environment',
      code: 'PLIM_CONFIG_AMBIGUOUS_MATCH',
    });
  problems.push(...checkTrust(service));
  return problems;
}

type Add = (path: readonly PropertyKey[], message: string, hint: string | null, code?: string) => void;

/** A judge's scores are read by their scale, and its strata are slices. */
function checkJudge(judge: string, strata: string | undefined, service: Service, add: Add): void {
  if (!Object.hasOwn(service.evaluations, judge))
    add(['measure', 'judge'], ...undeclared(judge, service, 'scale: [0, 1]'));
  if (strata !== undefined && !isSlicedBy(service, strata)) add(['measure', 'strata'], ...unsliced(strata, service));
}

/** Message and hint. @param example  how it could be declared */
const undeclared = (evaluation: string, { name, evaluations }: Service, example: string): [string, string | null] => {
  const known = Object.keys(evaluations);
  return [
    `${name} declares no evaluation ${JSON.stringify(evaluation)}`,
    known.length === 0 ? `add evaluations: {${evaluation}: {${example}}} to its file` : suggestion(evaluation, known),
  ];
};

const isSlicedBy = ({ slices }: Service, dimension: string): boolean => slices.some(({ name }) => name === dimension);

/** Message and hint. */
const unsliced = (dimension: string, { name, slices }: Service): [string, string | null] => [
  `${name} is not sliced by ${dimension}`,
  suggestion(
    dimension,
    slices.map((slice) => slice.name),
  ),
];

/** What a component of trust is measured by stands in the service's file. */
function checkComponent(component: TrustComponent, { name, trust }: Service, add: Add): void {
  if (!trust.components.includes(component))
    add(['measure', 'component'], `${component} does not apply to ${name}`, suggestion(component, trust.components));
  const needs = { calibration: 'confidence', transparency: 'transparency' } as const;
  if ((component === 'calibration' || component === 'transparency') && trust[needs[component]] === null)
    add(
      ['measure', 'component'],
      `nothing says which evaluation ${component} is measured by`,
      `write trust: {${needs[component]}: and its name} in the file of ${name}`,
      'PLIM_CONFIG_MISSING_KEY',
    );
}

/** The evaluation that transparency rests on is read by its pass mark. */
function checkTrust({ trust, evaluations }: Service): CrossProblem[] {
  const name = trust.transparency;
  const known = Object.keys(evaluations);
  const path = ['spec', 'trust', 'transparency'];
  if (name === null || evaluations[name]?.pass != null) return [];
  if (evaluations[name] !== undefined)
    return [
      {
        path,
        message: `nothing says from which score on ${name} is passed`,
        hint: `write evaluations: {${name}: {pass: 0.5}}`,
        code: 'PLIM_CONFIG_MISSING_KEY',
      },
    ];
  return [
    {
      path,
      message: `no evaluation ${JSON.stringify(name)} is declared`,
      hint: known.length === 0 ? `add evaluations: {${name}: {scale: [0, 1], pass: 0.5}}` : suggestion(name, known),
      code: 'PLIM_CONFIG_UNKNOWN_NAME',
    },
  ];
}

export function checkObjective(
  objective: Objective,
  services: readonly Service[],
  all: readonly Objective[],
): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const add = (
    path: readonly PropertyKey[],
    message: string,
    hint: string | null,
    code = 'PLIM_CONFIG_UNKNOWN_NAME',
  ): void => {
    problems.push({ path: ['spec', ...path], message, hint, code });
  };
  if (all.filter((one) => one.name === objective.name)[0] !== objective)
    problems.push({
      path: ['metadata', 'name'],
      message: `a second objective is named ${objective.name}`,
      hint: 'give each its own name',
      code: 'PLIM_CONFIG_DUPLICATE_NAME',
    });
  const owners = services.filter((service) => belongsTo(objective, service));
  if (owners.length === 0) {
    add(
      ['service'],
      `no service file declares ${JSON.stringify(objective.service)}${objective.environment === null ? '' : ` in ${objective.environment}`}`,
      services.length === 0
        ? null
        : suggestion(
            objective.service,
            services.map((service) => service.name),
          ),
    );
    return problems;
  }
  if (owners.length > 1)
    add(
      ['service'],
      `${owners.length} files declare ${objective.service}: say which environment is meant`,
      `write environment: ${owners
        .map((one) => one.environment)
        .filter((name) => name !== '')
        .join(' or ')}`,
      'PLIM_CONFIG_AMBIGUOUS_MATCH',
    );
  const [service] = owners;
  const { measure } = objective;
  if (measure.type === 'accuracy' && measure.evaluation !== null) {
    const scale = service!.evaluations[measure.evaluation];
    if (scale === undefined)
      add(
        ['measure', 'evaluation'],
        ...undeclared(measure.evaluation, service!, 'scale: [0, 1], good: high, pass: 0.7'),
      );
    else if (measure.pass !== null && (measure.pass.value < scale.low || measure.pass.value > scale.high))
      add(
        ['measure', 'pass'],
        `the scale of ${measure.evaluation} goes from ${scale.low} to ${scale.high}`,
        null,
        'PLIM_CONFIG_INVALID_VALUE',
      );
    else if (measure.pass === null && scale.pass === null)
      add(
        ['measure'],
        `nothing says from which score on ${measure.evaluation} is good`,
        'write pass: ">= 0.7"',
        'PLIM_CONFIG_MISSING_KEY',
      );
  }
  if (measure.type === 'accuracy' && measure.judge !== null) checkJudge(measure.judge, measure.strata, service!, add);
  if (measure.type === 'trust' && measure.component !== null) checkComponent(measure.component, service!, add);
  if (measure.type === 'trust' && measure.component === null && !service!.trust.components.includes('safety'))
    add(
      ['measure'],
      `the trust index is never published without safety, which does not apply to ${service!.name}`,
      `write safety into trust.components in the file of ${service!.name}, or name one component here`,
    );
  if (
    measure.type === 'relevance' &&
    measure.evaluation !== null &&
    !Object.hasOwn(service!.evaluations, measure.evaluation)
  )
    add(['measure', 'evaluation'], ...undeclared(measure.evaluation, service!, 'scale: [0, 1], good: high'));
  if (measure.type === 'drift') problems.push(...driftProblems(measure.feature, service!));
  if (measure.type === 'parity') problems.push(...parityProblems(objective, measure, service!, all));
  if (measure.type === 'composite') problems.push(...compositeProblems(objective, all));
  for (const [i, dimension] of objective.alert.slices.entries())
    if (!isSlicedBy(service!, dimension)) add(['alert', 'slices', i], ...unsliced(dimension, service!));
  return problems;
}

const problemAt = (
  path: readonly PropertyKey[],
  message: string,
  hint: string | null,
  code = 'PLIM_CONFIG_UNKNOWN_NAME',
): CrossProblem => ({ path: ['spec', 'measure', ...path], message, hint, code });

/** Features that are counted of every service. */
const COUNTED_FEATURES: readonly string[] = DRIFT_FEATURES;

function driftProblems(feature: string, service: Service): CrossProblem[] {
  const model = embeddingModelOf(feature);
  if (model === '')
    return [
      problemAt(
        ['feature'],
        'an embedding is named by its model, as telemetry names that',
        'write embedding:text-embedding-3-small, say',
        'PLIM_CONFIG_INVALID_VALUE',
      ),
    ];
  if (model !== null) return [];
  const known = [
    ...COUNTED_FEATURES,
    ...Object.keys(service.evaluations),
    ...service.slices.map((slice) => slice.name),
  ];
  if (known.includes(feature)) return [];
  return [
    problemAt(
      ['feature'],
      `nothing of ${service.name} is called ${JSON.stringify(feature)}: neither a feature, an evaluation nor a dimension`,
      suggestion(feature, known),
    ),
  ];
}

/** Measures that say of single interactions whether, or how much, they were good. */
const COMPARED: readonly MeasureConfig['type'][] = ['availability', 'latency', 'accuracy', 'relevance', 'satisfaction'];

/** What is estimated from confidence has no events of its own that a value could have. */
const isCompared = (measure: MeasureConfig): boolean =>
  COMPARED.includes(measure.type) && !(measure.type === 'accuracy' && measure.confidence !== undefined);

function parityProblems(
  objective: Objective,
  { of, dimension }: MeasureOf<'parity'>,
  service: Service,
  all: readonly Objective[],
): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const compared = all.find((one) => one.name === of);
  const names = all.filter((one) => isCompared(one.measure) && belongsTo(one, service)).map((one) => one.name);
  if (compared === undefined) problems.push(problemAt(['of'], `no objective is named ${of}`, suggestion(of, names)));
  else if (!names.includes(of))
    problems.push(
      problemAt(
        ['of'],
        `${of} can't be compared between values: it is no share or mean of interactions of ${objective.service}`,
        suggestion(of, names),
        'PLIM_CONFIG_INVALID_VALUE',
      ),
    );
  if (!isSlicedBy(service, dimension)) problems.push(problemAt(['dimension'], ...unsliced(dimension, service)));
  return problems;
}

/** Measures that are no share of what is good. */
const NOT_COMPOSED: readonly MeasureConfig['type'][] = ['drift', 'parity'];

function compositeProblems(objective: Objective, all: readonly Objective[]): CrossProblem[] {
  const { measure } = objective;
  if (measure.type !== 'composite') return [];
  const problems: CrossProblem[] = [];
  for (const [i, { objective: name }] of measure.of.entries()) {
    const member = all.find((one) => one.name === name)?.measure;
    if (member === undefined) {
      const names = all.map((one) => one.name);
      problems.push(problemAt(['of', i], `no objective is named ${name}`, suggestion(name, names)));
    } else if (NOT_COMPOSED.includes(member.type) || (member.type === 'cost' && member.perDay !== null))
      problems.push(
        problemAt(
          ['of', i],
          `${name} can't be a part: ${member.type} is no share of what is good`,
          'remove it from the list',
          'PLIM_CONFIG_INVALID_VALUE',
        ),
      );
  }
  const compositions = new Map(
    all.flatMap(({ name, measure: of }) =>
      of.type === 'composite' ? [[name, { rule: of.rule, members: of.of }] as const] : [],
    ),
  );
  const { circle } = inOrder(compositions);
  if (circle?.includes(objective.name))
    problems.push(
      problemAt(
        ['of'],
        `it is made of itself: ${circle.join(' -> ')}`,
        'take one of them out',
        'PLIM_CONFIG_INVALID_VALUE',
      ),
    );
  return problems;
}
