import { blindnessOf } from '../../model/blind-instrumentations.ts';
import type { SeenInstrumentation } from '../../model/instrumentation.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Need } from './explanation.ts';
import { type Lack, remediesFor } from './remedies.ts';

/** What arrived of one service. */
export interface ServiceEvidence {
  readonly service: string;
  readonly environment: string | null;
  readonly interactions: readonly Interaction[];
  /** Dialects of its AI spans. */
  readonly dialects: ReadonlySet<string>;
  readonly instrumentations: readonly SeenInstrumentation[];
  /** Of declared slices: the dimension, its attribute, and how many spans have it. */
  readonly slices: readonly { readonly dimension: string; readonly attribute: string; readonly spans: number }[];
}

/** Which interactions lack something. */
type Lacks = (one: Interaction) => boolean;

interface Wanted {
  readonly need: string;
  readonly lack: Lack;
  readonly lacks: Lacks;
  /** Only an answer has it: what failed is left out. */
  readonly isOfAnswer?: true;
  /** What its absence means. */
  readonly note?: string;
}

const WANTED: readonly Wanted[] = [
  {
    need: 'time to first token',
    lack: 'time to first token',
    lacks: (one) => one.timeToFirstTokenMs === null,
    isOfAnswer: true,
    note: 'only streamed answers have one',
  },
  {
    need: 'tokens, cost',
    lack: 'tokens',
    lacks: (one) => one.inputTokens === null && one.outputTokens === null,
    isOfAnswer: true,
  },
  { need: 'model, cost', lack: 'model', lacks: (one) => one.requestModel === 0 && one.responseModel === 0 },
  { need: 'slice prompt_version', lack: 'prompt version', lacks: (one) => one.promptVersion === 0 },
  {
    need: 'conversation',
    lack: 'conversation',
    lacks: (one) => one.conversationId === '',
    note: 'feedback by conversationId finds nothing',
  },
  { need: 'user', lack: 'user', lacks: (one) => one.userId === '', note: 'people affected are not told apart' },
];

/** What can be measured of a service by what arrived, and what to send for the rest. */
export function needsOf(evidence: ServiceEvidence, hasResponseId: Lacks): Need[] {
  const { service, interactions } = evidence;
  if (interactions.length === 0) return [];
  const responseId: Wanted = {
    need: 'feedback by responseId',
    lack: 'response id',
    lacks: (one) => !hasResponseId(one),
    isOfAnswer: true,
  };
  return [
    availability(evidence),
    { service, need: 'latency', status: 'ok', detail: counted(interactions.length), remedies: [] },
    ...[...WANTED, responseId].map((wanted) => needOf(evidence, wanted)),
    ...declaredSlices(evidence),
    sampling(evidence),
    ...place(evidence),
  ];
}

const counted = (n: number): string => `${n} ${n === 1 ? 'interaction' : 'interactions'}`;

function needOf(
  { service, interactions, dialects }: ServiceEvidence,
  { need, lack, lacks, isOfAnswer, note }: Wanted,
): Need {
  const all = isOfAnswer ? interactions.filter((one) => !one.isError) : interactions;
  const missing = all.filter(lacks).length;
  if (all.length === 0) return { service, need, status: 'unknown', detail: 'nothing was answered', remedies: [] };
  if (missing === 0) return { service, need, status: 'ok', detail: counted(all.length), remedies: [] };
  return {
    service,
    need,
    status: missing === all.length ? 'missing' : 'partly',
    detail: `not in ${missing} of ${counted(all.length)}${note === undefined ? '' : `; ${note}`}`,
    remedies: remediesFor(lack, dialects),
  };
}

function availability({ service, interactions, instrumentations }: ServiceEvidence): Need {
  const failed = interactions.filter((one) => one.isError).length;
  const blind = blindnessOf(instrumentations);
  return {
    service,
    need: 'availability',
    status: blind.length === 0 ? 'ok' : 'partly',
    detail: [
      `${failed} of ${counted(interactions.length)} failed`,
      ...blind.map(({ blind: one }) => `with ${one.package} ${one.hides} (found in ${one.versions})`),
    ].join('; '),
    remedies: blind.map(({ blind: one }) => one.remedy),
  };
}

const declaredSlices = ({ service, slices }: ServiceEvidence): Need[] =>
  slices.map(({ dimension, attribute, spans }) => ({
    service,
    need: `slice ${dimension}`,
    status: spans > 0 ? 'ok' : 'missing',
    detail: spans > 0 ? `${attribute} on ${spans} spans` : `no AI span has ${attribute}`,
    remedies: spans > 0 ? [] : [`set ${attribute} on an AI span of the interaction, as its file declares`],
  }));

function sampling({ service, interactions }: ServiceEvidence): Need {
  const weights = [...new Set(interactions.map(({ weight }) => weight))].sort((a, b) => a - b);
  const isSampled = weights.some((weight) => weight !== 1);
  return {
    service,
    need: 'sampling',
    status: 'ok',
    detail: isSampled
      ? `each interaction counts for ${weights.map((weight) => Number(weight.toPrecision(4))).join(' or ')} (tracestate ot=)`
      : 'each interaction counts once: no tracestate says that others were left out (ot=th)',
    remedies: [],
  };
}

function place({ service, environment }: ServiceEvidence): Need[] {
  if (environment !== null) return [];
  return [
    {
      service,
      need: 'environment',
      status: 'missing',
      detail: 'all environments are counted together',
      remedies: ['OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=production'],
    },
  ];
}
