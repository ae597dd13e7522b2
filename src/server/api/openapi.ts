import { extendZodWithOpenApi, OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { COMPONENT_KINDS } from '../../catalog/seen-component.ts';
import { STANDINGS } from '../../catalog/standing.ts';
import { ROLES } from '../../model/access.ts';
import { EVIDENCE_KINDS } from '../../model/config/service.ts';
import { ESTIMATE_STATUSES, MEASURES } from '../../model/estimate.ts';
import {
  ARTICLE_3_49,
  CLOSE_CODES,
  HARMS,
  HOLD_REASONS,
  INCIDENT_FLAGS,
  INCIDENT_STATES,
  OBJECTIVE_KINDS,
  TRANSITIONS,
} from '../../model/incident.ts';
import { PROBLEM_CLOSES, PROBLEM_RULES, PROBLEM_STATES, ROOT_CAUSES } from '../../model/problem.ts';
import { CHANGE_TYPES } from '../../model/signals.ts';
import { MATCHER_OPERATORS, SILENCE_LABELS } from '../../model/silence.ts';
import { CATEGORIES } from '../../model/taxonomy.ts';
import { PERIOD_STATES } from '../../objectives/period-result.ts';
import { VERDICTS } from '../../objectives/reading.ts';
import { ROUTE_ACCESS } from '../access/permissions.ts';
import { EscalationSchema, TimerSchema } from './incident-care.ts';
import { MOVE_NAMES } from './moves.ts';
import { CHANGE_ROUTES, ChangeRequest } from './openapi-changes.ts';
import { PROBLEM_FILTERS, PROBLEM_MOVES } from './problem-moves.ts';

extendZodWithOpenApi(z);

const time = z.string().openapi({ format: 'date-time', example: '2026-11-01T10:00:00.000Z' });
const share = z.number().min(0).max(1);
const hex = (digits: number, example: string) => z.string().openapi({ pattern: `^[0-9a-f]{${digits}}$`, example });
const traceId = hex(32, '86790ead0ad5d65d003573191735903b');
const spanId = hex(16, 'c8d2a826f5abf39c');
const textOrNull = z.string().nullable();
const numberOrNull = z.number().nullable();
/** Of a schema with a name: as a union, because the generator writes `nullable()` of one as something that null never is. */
const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);

const target = {
  id: z.string().optional().openapi({ description: 'Your own name for it: sent twice it is one.' }),
  traceId: traceId.optional(),
  spanId: spanId.optional(),
  responseId: z.string().optional(),
  interactionId: z.string().optional().openapi({ description: "The application's own id, as it stands on a span." }),
  conversationId: z.string().optional(),
  service: z.string().optional(),
  at: time.optional().openapi({ description: 'When it was said; now when absent.' }),
};

const Feedback = z
  .object({
    ...target,
    kind: z.enum(['thumbs', 'stars', 'decision', 'escalation', 'reask', 'flag']),
    value: z.union([z.string(), z.number(), z.boolean()]).openapi({
      description:
        'thumbs: up, down; stars: 1 to 5; decision: accepted, overridden; escalation, reask: true, false; flag: unsafe, biased, hallucinated, wrong, other',
    }),
    comment: z.string().optional().openapi({ description: 'Content: read, and not kept.' }),
  })
  .openapi('Feedback');
const Evaluation = z
  .object({
    ...target,
    name: z.string(),
    score: z.number().optional(),
    label: z.string().optional(),
    relevance: z.array(z.number()).optional().openapi({
      description:
        'Instead of score and label: grades of the documents that were found, in the order shown; 0 is nothing.',
    }),
    judged: z.array(z.number()).optional().openapi({
      description: 'Grades of all documents that were judged, those in `relevance` among them.',
    }),
    evaluator: z.string(),
    evaluatorVersion: z.string().optional(),
    confidence: share.optional(),
  })
  .openapi('Evaluation');
const Label = z
  .object({
    ...target,
    name: z.string(),
    value: z.boolean(),
    source: z.string(),
    sampling: z.enum(['random', 'voluntary']).optional(),
  })
  .openapi('Label');
const version = z.union([z.string(), z.object({ id: z.string(), sha256: z.string().optional() })]);
const Change = z
  .object({
    id: z.string().optional(),
    service: z.string(),
    environment: z.string().optional(),
    type: z.enum(CHANGE_TYPES),
    before: version.optional(),
    after: version.optional(),
    at: time.optional(),
    state: z.string().optional(),
    description: z.string().optional(),
  })
  .openapi('Change');
const Receipt = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    pending: z.int().openapi({ description: 'Stored, and joined when the interaction comes.' }),
    rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
  })
  .openapi('Receipt');
const sha256 = hex(64, 'c986aa1ceb1a7563c92b09200f7aef206b9e8423485d8a5b51fe329dd128859a');
const AuditEntry = z
  .object({
    v: z.literal(1),
    seq: z.int(),
    ts: time,
    actor: z.object({ kind: z.string(), id: z.string() }),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    prev: sha256,
    leaf: sha256,
  })
  .openapi('AuditEntry', { description: 'docs/guide/audit-format.md; `leaf` is not part of the entry.' });
const AuditHead = z
  .object({
    head: z.object({ log: z.string(), root: sha256, size: z.int(), ts: time, v: z.literal(1) }),
    key_id: sha256,
    signature: z.string(),
  })
  .openapi('AuditHead');
const Problem = z
  .object({ type: z.string(), title: z.string(), status: z.int(), code: z.string(), detail: z.string() })
  .openapi('Problem', { description: 'RFC 9457; the code is stable.' });
const Sampled = z.object({ represents: z.number(), effective: z.number() }).openapi('Sampled', {
  description:
    'Only where traces are sampled: how many events those n stand for, and as how many of one weight they tell.',
});
const Estimate = z
  .object({
    measure: z.enum(MEASURES),
    subject: textOrNull,
    method: z.string(),
    proxy: z.boolean(),
    value: numberOrNull.openapi({
      description: 'A share in [0, 1]; of trust an index from 0 to 100, of drift the adjusted PSI, of cost an amount.',
    }),
    low: numberOrNull,
    high: numberOrNull,
    level: share,
    n: z.int().openapi({ description: 'Events counted: as many as were seen.' }),
    sampled: Sampled.optional(),
    coverage: share.nullable(),
    maturity: share.nullable().openapi({
      description:
        'Share of the expected labels, ratings or scores that have come; 1 where nothing comes late, null while it is not known how late they come.',
    }),
    window: z.object({ from: time, to: time }),
    status: z.enum(ESTIMATE_STATUSES),
    adjusted: z
      .object({ value: z.number(), low: z.number(), high: z.number() })
      .optional()
      .openapi({ description: 'Corrected for labels still to come, where it is known how late they come.' }),
    note: z.string().optional().openapi({ description: 'What labels still to come mean for it, in words.' }),
    detail: z.record(z.string(), z.unknown()).optional().openapi({
      description:
        'What else the method has to say: of trust its components and the gap, of accuracy with a judge how well the judge goes with the labels.',
    }),
    between: z.tuple([z.string(), z.string()]).optional().openapi({
      description: 'Of a difference: the value of the dimension that has more, then the one that has less.',
    }),
  })
  .openapi('Estimate');
const Bounds = z.object({ low: share, high: share });
const Response = z
  .object({
    responseRate: share,
    n: z.int(),
    amongRespondents: z.object({ value: share, low: share, high: share }),
    worstCase: Bounds.openapi({ description: 'Of all, whatever those who stayed silent would have said.' }),
    sensitivity: numberOrNull.openapi({
      description:
        'How much worse the silent ones may be before the target fails for all; null when the answers miss it.',
    }),
    postStratified: orNull(
      z.object({ value: share, low: share, high: share, dimension: z.string() }).openapi({
        description: 'Of all, if within each value of the dimension it is chance who answers.',
      }),
    ),
    claims: z.array(z.string()).openapi({ description: 'The same in plain words.' }),
  })
  .openapi('Response', { description: 'Of volunteers: what may be said about everybody. Null when nobody answered.' });
const Budget = z
  .object({ consumed: z.number(), remaining: z.number(), burn: numberOrNull, exhaustedAt: time.nullable() })
  .openapi('Budget');
const SmallestChange = z
  .object({
    burn: z.number().openapi({ description: 'How many times what is allowed is bad then.' }),
    badShare: share,
  })
  .openapi('SmallestChange', {
    description:
      'The smallest worsening that the sequential test finds within a day, at the traffic of the last day; null where not even an outage would be found, or burn-rate rules alone decide.',
  });
const Detector = z
  .object({
    name: z.string(),
    statistic: z.number(),
    threshold: z.number(),
    guarantee: textOrNull,
    page: z.boolean(),
    evidence: z.number().openapi({ description: 'How far the evidence for a breach has come; 1 is an alarm.' }),
    smallestChange: orNull(SmallestChange),
  })
  .openapi('Detector');
const Objective = z
  .object({
    name: z.string(),
    service: z.string(),
    environment: textOrNull,
    kind: z.enum(OBJECTIVE_KINDS),
    measure: z.enum(MEASURES),
    subject: textOrNull,
    judgedBy: z.enum(['events', 'scores', 'drift', 'report']).openapi({
      description:
        '`report`: it has no detector of its own and is never breached; its reason says whose open incidents.',
    }),
    target: numberOrNull,
    direction: z.enum(['at_least', 'at_most']),
    window: z.string(),
    category: z.string(),
    verdict: z.enum(VERDICTS),
    reason: textOrNull,
    estimate: orNull(Estimate),
    attained: z.boolean().nullable(),
    budget: orNull(Budget),
    burnRates: z.record(z.string(), numberOrNull),
    detector: orNull(Detector),
    stale: z.boolean(),
    judgedThrough: time.nullable(),
    incident: textOrNull,
    response: orNull(Response).optional(),
  })
  .openapi('Objective');
const Forecast = z
  .object({
    basis: z.string().openapi({ example: 'if the last 6 h continue' }),
    guarantee: z.literal('heuristic').openapi({ description: 'Nobody promises that it continues.' }),
    lookback: z
      .object({ from: time, to: time, n: z.int(), bad: z.number() })
      .openapi({ description: 'What is supposed to continue: the last six hours, or since the onset of a breach.' }),
    windowEnds: time.openapi({ description: 'Of a rolling window: when all that it holds now will have left it.' }),
    allowedBad: z.number(),
    remainingBad: z.number().openapi({ description: 'Negative when overspent.' }),
    exhausted: z.boolean(),
    exhaustedAt: time
      .nullable()
      .openapi({ description: 'Null when the budget outlasts the window; the next two alike.' }),
    earliest: time.nullable(),
    latest: time.nullable(),
    level: share.openapi({ description: 'How surely it is spent between `earliest` and `latest`.' }),
    probability: share.openapi({
      description: 'That it is spent before the window ends; of a rolling window at the time when that is likeliest.',
    }),
    expected: z.object({ n: z.number(), historyDays: z.int() }).nullable().openapi({
      description:
        'Events that a window which is not full yet is still expected to hold, from at most 28 days of history.',
    }),
  })
  .openapi('Forecast');
const ObjectiveDetail = z.object({ ...Objective.shape, forecast: orNull(Forecast) }).openapi('ObjectiveDetail');
const ObjectivePeriod = z
  .object({
    from: time,
    to: time.openapi({ description: 'Exclusive.' }),
    state: z.enum(PERIOD_STATES).openapi({
      description: 'provisional: over, and labels of it may still come; final: seven days later.',
    }),
    target: share,
    attained: share.nullable().openapi({ description: 'The point estimate, by which contracts go.' }),
    low: share.nullable(),
    high: share.nullable(),
    level: share,
    n: z.int(),
    sampled: Sampled.optional(),
    coverage: share.nullable(),
    maturity: share.nullable(),
    status: z.enum(ESTIMATE_STATUSES),
    met: z.boolean().nullable(),
    credit: numberOrNull.openapi({ description: 'What the contract owes; null for a period that is not over.' }),
    whole: z.boolean().openapi({ description: 'The service was known before the period began.' }),
    closedAt: time.nullable().openapi({
      description: 'When it was kept as it is; null: it is counted from what is stored now.',
    }),
  })
  .openapi('ObjectivePeriod');
const Finding = z
  .object({ kind: z.string(), since: time, detail: z.string(), evidence: z.record(z.string(), z.unknown()) })
  .openapi('Finding');
const CallCoverage = z
  .object({
    from: time,
    to: time,
    inMetrics: z.int(),
    failedInMetrics: z.int(),
    asSpans: z.int(),
    coverage: numberOrNull,
  })
  .openapi('CallCoverage', { description: 'Calls of models that metrics know of, and those that came as spans.' });
const Service = z
  .object({
    name: z.string(),
    displayName: z.string(),
    environment: textOrNull,
    declared: z.boolean(),
    owner: z.object({ name: z.string(), email: textOrNull }).nullable(),
    supportGroup: textOrNull,
    criticality: z.int().nullable(),
    tier: textOrNull,
    riskClass: textOrNull,
    verdict: z.enum(VERDICTS),
    objectives: z.array(Objective),
    openIncidents: z.array(z.object({ id: z.string(), title: z.string(), priority: z.int(), state: z.string() })),
    findings: z.array(Finding),
    callCoverage: orNull(CallCoverage),
  })
  .openapi('Service');
const SeenComponent = z
  .object({
    kind: z.enum(COMPONENT_KINDS),
    provider: textOrNull,
    name: z.string(),
    firstSeen: orNull(time),
    lastDay: z.int().openapi({ description: 'Calls of the last day; of prompts and agents interactions.' }),
    standing: z.enum(STANDINGS).openapi({ description: 'How it stands to what the file of the service lists.' }),
  })
  .openapi('SeenComponent');
const ServiceDetail = Service.extend({
  seen: z.array(SeenComponent).openapi({ description: 'What its telemetry of the last day shows that it is made of.' }),
  evidence: z.array(z.enum(EVIDENCE_KINDS)).optional(),
  confirmed: z.object({ by: z.string(), at: z.string() }).nullable().optional(),
  agents: z.array(z.looseObject({ name: z.string() })).optional(),
  guardrails: z.array(z.looseObject({ name: z.string(), version: textOrNull })).optional(),
  description: textOrNull.optional(),
  intendedPurpose: textOrNull.optional(),
  lifecycle: z.string().optional(),
  models: z.array(z.looseObject({ provider: z.string(), name: z.string(), version: textOrNull })).optional(),
  prompts: z.array(z.looseObject({ id: z.string(), version: textOrNull })).optional(),
  vectorStores: z.array(z.looseObject({ index: z.string() })).optional(),
  tools: z.array(z.looseObject({ name: z.string(), sideEffects: z.string() })).optional(),
  dependsOn: z.array(z.looseObject({ name: z.string(), relation: z.string() })).optional(),
  links: z.object({ trace: textOrNull, runbook: textOrNull, dashboard: textOrNull }).optional(),
})
  .loose()
  .openapi('ServiceDetail', { description: 'What a file declares of it comes along.' });
const Interaction = z
  .object({
    traceId,
    spanId,
    service: z.string(),
    namespace: textOrNull,
    environment: textOrNull,
    start: time,
    durationMs: z.number(),
    status: z.enum(['ok', 'error']),
    errorType: textOrNull,
    errorClass: textOrNull,
    operation: textOrNull,
    provider: textOrNull,
    requestModel: textOrNull,
    responseModel: textOrNull,
    inputTokens: numberOrNull,
    outputTokens: numberOrNull,
    cachedInputTokens: numberOrNull,
    reasoningTokens: numberOrNull,
    conversationId: textOrNull,
    userId: textOrNull,
    promptName: textOrNull,
    promptVersion: textOrNull,
    timeToFirstTokenMs: numberOrNull,
    guardrail: z.enum(['passed', 'blocked']).nullable(),
    finishReason: textOrNull,
    finishClass: textOrNull,
    agent: textOrNull,
    serviceVersion: textOrNull,
    weight: z.number(),
    slices: z.record(z.string(), z.string()),
    headSpanIds: z.array(spanId),
    entrySpanId: spanId,
  })
  .openapi('Interaction');
const Call = z
  .object({
    traceId,
    spanId,
    interactionSpanId: spanId,
    kind: z.string(),
    name: textOrNull,
    provider: textOrNull,
    model: textOrNull,
    start: time,
    durationMs: z.number(),
    status: z.enum(['ok', 'error']),
    errorType: textOrNull,
    inputTokens: numberOrNull,
    outputTokens: numberOrNull,
  })
  .openapi('Call');
const GuiltySlice = z
  .object({
    name: z.string().openapi({ example: 'prompt_version=8' }),
    dimension: z.string(),
    value: z.string(),
    explanatoryPower: z.number(),
    n: z.int(),
    bad: z.int(),
    share,
    baselineShare: share.nullable(),
  })
  .openapi('GuiltySlice');
const Suppression = z
  .object({
    kind: z.enum(['silence', 'inhibition', 'maintenance', 'flapping']),
    id: z.string().openapi({ example: 'SIL-1' }),
    until: time.nullable().openapi({ description: 'When it ends by itself, as far as is known.' }),
    reason: z.string(),
  })
  .openapi('Suppression');
const Decision = z
  .object({
    by: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
    at: time,
    reason: z.string(),
  })
  .openapi('Decision', { description: 'Who has decided something, and why.' });
const PriorityOverride = z
  .object({
    impact: z.int().nullable(),
    urgency: z.int().nullable(),
    priority: z.int().nullable().openapi({ description: 'Null: impact by urgency.' }),
    ...Decision.shape,
  })
  .openapi('PriorityOverride', { description: 'What somebody says it weighs; null: what rules reckon.' });
const Incident = z
  .object({
    id: z.string().openapi({ example: 'INC-1' }),
    state: z.enum(INCIDENT_STATES),
    title: z.string(),
    summary: z.string(),
    description: z.string(),
    category: z.string(),
    priority: z.int(),
    impact: z.int(),
    urgency: z.int(),
    reckoned: z.object({ impact: z.int(), urgency: z.int(), lowered: z.literal(true).optional() }).openapi({
      description:
        'What rules make of both, also while somebody says otherwise. lowered: found late, and all of it over by then; the priority is a step lower.',
    }),
    override: orNull(PriorityOverride),
    categorySetBy: orNull(Decision),
    harm: z.enum(HARMS).nullable(),
    art349: z.enum(ARTICLE_3_49).nullable().openapi({ description: 'Of the AI Act, Art. 3(49): as a person judges.' }),
    classifiedBy: orNull(Decision),
    flags: z.array(z.enum(INCIDENT_FLAGS)),
    kind: z.enum(OBJECTIVE_KINDS),
    service: z.string(),
    environment: textOrNull,
    objectives: z.array(z.string()),
    startedAt: time,
    detectedAt: time,
    openedAt: time,
    notifiedAt: time.nullable(),
    ackedAt: time.nullable(),
    mitigatedAt: time.nullable(),
    awareAt: time.nullable().openapi({ description: 'Since when a person knows of it; legal periods begin with it.' }),
    resolvedAt: time.nullable(),
    closedAt: time.nullable(),
    detectedLate: z.boolean(),
    evidence: z.record(z.string(), z.unknown()),
    slices: z.array(GuiltySlice),
    changes: z.array(z.record(z.string(), z.unknown())),
    traces: z.object({ bad: z.array(traceId), good: z.array(traceId) }),
    timeline: z.array(z.record(z.string(), z.unknown())),
    causedByChange: textOrNull.openapi({ description: 'The change whose new version is its guilty slice.' }),
    recurrenceOf: textOrNull,
    parent: textOrNull.openapi({ description: 'The incident of the upstream that it follows from.' }),
    related: z.array(z.string()).openapi({ description: 'Incidents of the same cause that are kept apart from it.' }),
    suppressedBy: z.array(Suppression).openapi({ description: 'Why pages and chats are not told just now.' }),
    withheld: z
      .union([z.enum(['opening', 'news']), z.null()])
      .openapi({ description: 'What they have not been told: that it is open at all, or what has happened since.' }),
  })
  .loose()
  .openapi('Incident');
const Delivery = z
  .object({
    sink: z.string(),
    seq: z.int(),
    transition: z.enum(TRANSITIONS),
    state: z.string(),
    attempts: z.int(),
    createdAt: time,
    settledAt: time.nullable(),
    lastError: textOrNull,
    remoteId: textOrNull,
    remoteUrl: textOrNull,
  })
  .openapi('Delivery');
const messageParts = {
  id: z.string(),
  sink: z.string(),
  incident: z.string(),
  service: z.string(),
  seq: z.int(),
  transition: z.enum(TRANSITIONS),
  state: z.enum(['pending', 'delivered', 'dead', 'superseded', 'discarded']),
  attempts: z.int(),
  createdAt: time,
  settledAt: time.nullable(),
  nextAttemptAt: time.nullable(),
  lastError: textOrNull,
};
const OutboxMessage = z.object(messageParts).openapi('OutboxMessage');
const ReplayedMessage = z
  .object({
    ...messageParts,
    needless: textOrNull.openapi({ description: 'Why it is not sent, though it was asked for; null: it will be.' }),
  })
  .openapi('ReplayedMessage');
const Destination = z
  .object({
    name: z.string(),
    type: z.string(),
    class: z.enum(['record', 'page', 'chat', 'note']),
    fallback: textOrNull.openapi({ description: 'Who is told when this one can not be.' }),
    way: z.enum(['open', 'paused', 'down', 'gone']).nullable().openapi({
      description: 'Whether messages leave: paused when it asked for less; null where another replica delivers.',
    }),
    since: time.nullable().openapi({ description: 'Since when it is down or gone.' }),
    waiting: z.int(),
    oldestAt: time.nullable(),
    dead: z.int(),
    tookAt: time.nullable().openapi({ description: 'When it last took a message or a test.' }),
    selfTest: z
      .object({ at: time, passedAt: time.nullable(), reason: textOrNull })
      .nullable()
      .openapi({ description: 'Of one that may go deaf without a word: its last test.' }),
  })
  .openapi('Destination');
const History = z
  .object({
    waiting: z.int().openapi({ description: 'Half hours of services with minutes that are still to be written.' }),
    oldest: time.nullable(),
    stopped: textOrNull.openapi({ description: 'Why nothing is written until somebody has seen to it.' }),
    sweptTo: time
      .nullable()
      .openapi({ description: 'All that is stored is being written, from now back, and has come to here.' }),
  })
  .openapi('History');
const Silence = z
  .object({
    id: z.string().openapi({ example: 'SIL-1' }),
    state: z.enum(['pending', 'active', 'expired']),
    matchers: z.array(z.object({ label: z.string(), operator: z.string(), value: z.string() })),
    startsAt: time,
    endsAt: time,
    createdAt: time,
    createdBy: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
    comment: z.string(),
    expiredBy: z
      .union([z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }), z.null()])
      .openapi({ description: 'Who has ended it before its time.' }),
  })
  .openapi('Silence');
const ChangeEvidence = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: textOrNull,
    type: z.string(),
    description: textOrNull,
    evidence: z.object({
      dimension: z.string(),
      value: z.string(),
      firstSeen: time,
      n: z.int().openapi({ description: 'Interactions with the value in the hour from then.' }),
      all: z.int().openapi({ description: 'All interactions in that hour.' }),
      before: orNull(z.object({ value: z.string(), share })).openapi({ description: 'Most of the day before.' }),
      traces: z.array(traceId).openapi({ description: 'The first ones.' }),
      alias: textOrNull.openapi({ description: 'What was asked for, where another model answered.' }),
    }),
  })
  .openapi('ChangeEvidence');
const ProblemInfo = z
  .object({
    id: z.string().openapi({ example: 'PRB-1' }),
    state: z.enum(PROBLEM_STATES),
    title: z.string(),
    service: z.string(),
    environment: textOrNull,
    category: z.string(),
    sharedSlice: textOrNull.openapi({ description: 'What its incidents have in common, where that is no category.' }),
    rule: z.enum(PROBLEM_RULES).openapi({ description: 'Why it was opened.' }),
    incidents: z.array(z.string()),
    unlinked: z
      .array(z.string())
      .openapi({ description: 'Incidents of which somebody says that they are another matter.' }),
    firstSeen: time,
    openedAt: time,
    resolvedAt: time.nullable(),
    closedAt: time.nullable(),
    proposed: z
      .object({ category: z.enum(ROOT_CAUSES), slice: textOrNull, incidents: z.int(), of: z.int() })
      .openapi({ description: 'What the incidents speak for, and how many of how many; a person confirms.' }),
    rootCauseCategory: z.enum(ROOT_CAUSES).nullable(),
    rootCauseSlice: textOrNull,
    causeConfirmedBy: orNull(Decision),
    evidence: z.array(z.object({ incident: textOrNull, text: z.string() })),
    workaround: textOrNull,
    knownError: z.boolean(),
    fixChange: textOrNull,
    closedAs: z.enum(PROBLEM_CLOSES).nullable(),
    duplicateOf: textOrNull,
    riskAcceptance: orNull(z.object({ ...Decision.shape, until: time })),
    timeline: z.array(
      z.object({
        at: time,
        by: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
        event: z.string(),
        text: z.string(),
      }),
    ),
  })
  .openapi('ProblemRecord');
const ProblemDetail = z
  .object({
    ...ProblemInfo.shape,
    incidents: z.array(
      z.object({
        id: z.string(),
        service: z.string(),
        state: z.enum(INCIDENT_STATES),
        priority: z.int(),
        title: z.string(),
        slice: textOrNull.openapi({ description: 'The guiltiest one.' }),
      }),
    ),
    moves: z.array(z.string()).openapi({ description: 'What whoever asks may do to it now.' }),
  })
  .openapi('ProblemDetail');
const counted = { incidents: z.int() };
const ProblemTrend = z
  .object({
    from: time,
    to: time,
    months: z.array(
      z.object({
        month: z.string().openapi({ example: '2026-11' }),
        ...counted,
        withProblem: z.int(),
        byCategory: z.array(z.object({ category: z.string(), ...counted })),
        byService: z.array(z.object({ service: z.string(), ...counted })),
        byCause: z.array(
          z.object({
            cause: z.enum(ROOT_CAUSES).nullable().openapi({ description: 'Null: of no problem.' }),
            ...counted,
            confirmed: z.int().openapi({ description: 'Of them, those whose cause a person has confirmed.' }),
          }),
        ),
        problemsOpened: z.int(),
        problemsClosed: z.int(),
      }),
    ),
  })
  .openapi('ProblemTrend');
const References = z
  .object({
    nist: z.array(z.string()).openapi({ description: 'Risks of NIST AI 600-1.' }),
    avid: z.array(z.string()),
    atlas: z.array(z.string()).openapi({ description: 'Techniques of MITRE ATLAS.' }),
    owasp: z.array(z.string()).openapi({ description: 'Of the Top 10 for LLM applications.' }),
    art349: z
      .array(z.enum(['a', 'b', 'c', 'd']))
      .openapi({ description: 'Points of Art. 3(49) of the AI Act that such failures come closest to; no judgement.' }),
    serviceNow: z.array(z.string()).openapi({ description: 'Types of AI cases, the best first.' }),
  })
  .openapi('References', { description: 'What other taxonomies say to a category.' });
const Taxonomy = z
  .object({
    categories: z.array(z.object({ category: z.string(), codes: z.array(z.string()), references: References })),
    rules: z
      .array(z.object({ measures: z.array(z.enum(MEASURES)), when: z.string(), category: z.string() }))
      .openapi({ description: 'Where what was seen says more than the measure: the first that holds.' }),
  })
  .openapi('Taxonomy');
const Spread = z
  .object({
    n: z.int(),
    medianMs: numberOrNull,
    p90Ms: numberOrNull.openapi({ description: 'Of ten and more.' }),
  })
  .openapi('Spread');
const responseTimes = {
  incidents: z.int().openapi({ description: 'Opened in that time; cancelled ones were none.' }),
  unresolved: z.int(),
  mttd: Spread.openapi({ description: 'From the onset to the decision.' }),
  mtta: Spread.openapi({ description: 'From the opening until a person first did anything with it.' }),
  mttr: Spread.openapi({ description: 'From the onset to the end.' }),
};
const IncidentStatistics = z
  .object({
    from: time,
    to: time.openapi({ description: 'Exclusive.' }),
    all: z.object(responseTimes),
    byService: z.array(z.object({ service: z.string(), ...responseTimes })),
    byPriority: z.array(z.object({ priority: z.int(), ...responseTimes })),
    byCategory: z.array(z.object({ category: z.string(), ...responseTimes })),
    byMonth: z.array(z.object({ month: z.string().openapi({ example: '2026-11' }), ...responseTimes })),
  })
  .openapi('IncidentStatistics');
const IncidentDetail = Incident.extend({
  children: z
    .array(
      z.object({
        id: z.string(),
        service: z.string(),
        state: z.enum(INCIDENT_STATES),
        priority: z.int(),
        title: z.string(),
      }),
    )
    .openapi({ description: 'Incidents of services that depend on this one, which follow from it.' }),
  advice: z.array(z.string()).openapi({ description: 'What to do first, most useful first; empty when it is over.' }),
  moves: z.array(z.enum(MOVE_NAMES)).openapi({ description: 'What may be done to it in this state.' }),
  references: orNull(References),
  deliveries: z.array(Delivery),
  timers: z.array(TimerSchema.openapi('IncidentTimer')).openapi({
    description:
      'Its targets for response and resolution, oldest first: those of another priority, or before it was reopened, too.',
  }),
  escalation: orNull(EscalationSchema.openapi('Escalation')).openapi({
    description: 'Who was told because nobody acknowledged; null: its service has no policy.',
  }),
})
  .loose()
  .openapi('IncidentDetail');
const ConfigurationInForce = z
  .object({
    sha256: z.string().openapi({ description: 'Over what its documents say.' }),
    since: time.openapi({ description: 'When it was last found to be in force, or put in force.' }),
    refused: z
      .object({ at: time, problems: z.array(z.string()), count: z.int() })
      .nullable()
      .openapi({ description: 'Why what its files hold now is not in force.' }),
  })
  .openapi('ConfigurationInForce');
const Deployment = z
  .object({
    name: z.string(),
    version: z.string(),
    now: time,
    otlpHttp: textOrNull.openapi({ description: 'Where telemetry is taken over OTLP/HTTP.' }),
    configuration: ConfigurationInForce,
    findings: z.array(Finding).openapi({ description: "What should not be so and is no service's." }),
  })
  .openapi('Deployment');
const quantileInterval = z
  .object({ low: numberOrNull, high: numberOrNull })
  .nullable()
  .openapi({ description: '95 %; an end is null where so few values say nothing of it.' });
const quantilesMs = {
  p50Ms: numberOrNull,
  p95Ms: numberOrNull,
  p99Ms: numberOrNull.openapi({ description: 'Of 100 values and more.' }),
  intervalsMs: z.object({ p50: quantileInterval, p95: quantileInterval, p99: quantileInterval }),
};
const tokenParts = {
  input: z.number(),
  cachedInput: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
};
const spent = {
  value: z.number().openapi({ description: 'In units of the currency.' }),
  n: z.int().openapi({ description: 'How many it is the cost of.' }),
  coverage: share.openapi({ description: 'Share of those that used a model of which it is known what they cost.' }),
};
const Measures = z
  .object({
    measures: z.array(
      z.object({
        measure: z.enum(MEASURES),
        subject: textOrNull,
        objectives: z.array(z.string()).openapi({
          description: 'Names of the objectives on it: what is measured in several ways has a line for each of them.',
        }),
        response: orNull(Response).optional(),
        tooLate: z.int().optional().openapi({
          description:
            'Of what comes late: how many came more than seven days after their interaction. They correct these numbers, and are seen by no detector.',
        }),
        points: z.array(z.object({ at: time, estimate: Estimate })),
      }),
    ),
    latency: z.array(z.object({ at: time, n: z.int(), ...quantilesMs })),
    timeToFirstToken: z.array(z.object({ at: time, n: z.int(), ...quantilesMs })).openapi({
      description: 'Of interactions that did not fail and say when the first token came, from their start.',
    }),
    tokens: z
      .array(z.object({ at: time, n: z.int(), ...tokenParts }))
      .openapi({ description: '`n` interactions said how many they used. The parts do not overlap: they add up.' }),
    cost: z
      .array(z.object({ currency: z.string(), points: z.array(z.object({ at: time, ...spent })) }))
      .openapi({ description: 'What the calls of models cost, as far as it is known: `coverage` says how far.' }),
  })
  .openapi('Measures');

const OpenIncidents = z.array(z.object({ id: z.string(), title: z.string(), priority: z.int(), state: z.string() }));
const dependencyNode = {
  kind: z.enum(['service', 'model', 'tool', 'vector_store', 'agent', 'guardrail', 'external']).openapi({
    description: '`external`: named under `dependsOn`, and no service that is known here.',
  }),
  provider: textOrNull,
  name: z.string(),
};
const DependencyGraph = z
  .object({
    from: time,
    to: time,
    nodes: z.array(
      z.object({
        ...dependencyNode,
        recent: z
          .object({ minutes: z.int(), n: z.int(), failed: z.int() })
          .openapi({ description: 'Its calls of the last minutes, by all services that may be read.' }),
        failing: z.boolean().openapi({
          description: 'A service with open incidents; else that surely more than 5 % of its recent calls failed.',
        }),
        openIncidents: OpenIncidents,
        above: z
          .array(
            z.object({
              service: z.string(),
              environment: textOrNull,
              through: z.array(z.string()).openapi({ description: 'Services in between; empty: directly.' }),
              openIncidents: OpenIncidents,
            }),
          )
          .openapi({ description: 'Services that stand on it, directly or not: those that are hit when it fails.' }),
      }),
    ),
    edges: z.array(
      z.object({
        service: z.string(),
        environment: textOrNull,
        ...dependencyNode,
        source: z.enum(['declared', 'called', 'both']).openapi({
          description: 'Whether its file says so, calls of the last day show it, or both.',
        }),
        relation: z.string(),
        criticality: z.int().nullable(),
        n: z.int(),
        failed: z.int(),
      }),
    ),
  })
  .openapi('DependencyGraph');
const Dependencies = z
  .object({
    dependencies: z.array(
      z.object({
        kind: z
          .string()
          .openapi({ description: '`model`, `tool`, `retrieval` ...; `other` for all beyond the first hundred.' }),
        provider: textOrNull,
        name: textOrNull.openapi({ description: 'The model of a model call; of any other what it is called.' }),
        n: z.int(),
        failed: z.int(),
        value: share.nullable().openapi({ description: 'Share of the calls that did not fail.' }),
        low: share.nullable(),
        high: share.nullable(),
        sampled: Sampled.optional(),
        p50Ms: numberOrNull,
        p95Ms: numberOrNull,
        tokens: z.object({ n: z.int(), ...tokenParts }).nullable(),
        cost: z
          .object({ currency: z.string(), ...spent })
          .nullable()
          .openapi({ description: 'Null where nothing of it is known: that is no cost of 0.' }),
      }),
    ),
  })
  .openapi('Dependencies');

const TokenInfo = z
  .object({
    id: z.string().openapi({ example: '5f2c1a9be04d', description: 'The readable part of the token.' }),
    name: z.string(),
    role: z.enum(ROLES),
    services: orNull(z.array(z.string())).openapi({ description: 'Null: for all services.' }),
    state: z.enum(['valid', 'expired', 'revoked']),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time,
    revokedAt: time.nullable(),
  })
  .openapi('TokenInfo');
const NewTokenInfo = z
  .object({
    ...TokenInfo.shape,
    token: z.string().openapi({ description: 'The token itself: it is said here and never again.' }),
  })
  .openapi('NewToken');

const SessionInfo = z
  .object({
    state: z.enum(['open', 'signed_in', 'signed_out']).openapi({
      description: '`open`: nobody is asked who they are.',
    }),
    actor: z.union([z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }), z.null()]),
    roles: z.array(z.object({ role: z.enum(ROLES), services: orNull(z.array(z.string())) })),
    permissions: z.array(z.string()),
    csrf: textOrNull.openapi({ description: 'For the header x-plimsoll-csrf of what changes something.' }),
    oidc: z.boolean().openapi({ description: 'Whether one may sign in at an identity provider: GET /sign-in/oidc.' }),
  })
  .openapi('Session');
const SignedIn = z.object({ signedIn: z.boolean() }).openapi('SignedIn');

/** As clients that are written in TypeScript see the answers. */
export type ObjectiveJson = z.output<typeof Objective>;
export type ObjectiveDetailJson = z.output<typeof ObjectiveDetail>;
export type ObjectivePeriodJson = z.output<typeof ObjectivePeriod>;
export type ServiceJson = z.output<typeof Service>;
export type ServiceDetailJson = z.output<typeof ServiceDetail>;
export type InteractionJson = z.output<typeof Interaction>;
export type MeasuresJson = z.output<typeof Measures>;
export type DependenciesJson = z.output<typeof Dependencies>;
export type DependencyGraphJson = z.output<typeof DependencyGraph>;
export type DeliveryJson = z.output<typeof Delivery>;
export type OutboxMessageJson = z.output<typeof OutboxMessage>;
export type DestinationJson = z.output<typeof Destination>;
export type ProblemInfoJson = z.output<typeof ProblemInfo>;
export type ProblemDetailJson = z.output<typeof ProblemDetail>;
export type ProblemTrendJson = z.output<typeof ProblemTrend>;
export type SilenceInfoJson = z.output<typeof Silence>;
export type SessionJson = z.output<typeof SessionInfo>;
export type DeploymentJson = z.output<typeof Deployment>;
export type IncidentStatisticsJson = z.output<typeof IncidentStatistics>;

const paging = {
  limit: z.int().min(1).max(1000).optional(),
  cursor: z.string().optional().openapi({ description: '`nextCursor` of the page before.' }),
};
const range = { from: time.optional(), to: time.optional() };
const environment = z.string().optional();

export type Route = {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Its body is what a tool outside sends. */
  readonly callback?: true;
  /** `application/json` when absent. */
  readonly mediaType?: string;
  readonly conflict?: boolean;
};

const list = (key: string, item: z.ZodType) => z.object({ [key]: z.array(item), nextCursor: z.string().optional() });
const byName = z.object({ name: z.string() });
const byId = z.object({ id: z.string() });

/** Every route under /api/v1, with what it takes and answers. A test compares it with the routes that are there. */
export const ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/deployment',
    summary: 'Which Plimsoll this is, and where telemetry is sent to.',
    answer: Deployment,
  },
  {
    method: 'post',
    path: '/feedback',
    summary: 'What people said about interactions.',
    body: z.object({ feedback: z.array(Feedback) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/evaluations',
    summary: 'What evaluators scored.',
    body: z.object({ evaluations: z.array(Evaluation) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/labels',
    summary: 'What is known to be true.',
    body: z.object({ labels: z.array(Label) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/changes',
    summary: 'Changes of models, prompts, tools: told of as a record, or with a kind asked for.',
    body: z.object({ changes: z.array(z.union([ChangeRequest, Change])) }),
    answer: Receipt,
  },
  ...CHANGE_ROUTES,
  {
    method: 'get',
    path: '/services',
    summary: 'Services, declared or seen in telemetry.',
    query: z.object({ ...paging, environment }),
    answer: list('services', Service),
  },
  {
    method: 'get',
    path: '/services/{name}',
    summary: 'One service.',
    params: byName,
    query: z.object({ environment }),
    answer: ServiceDetail,
  },
  {
    method: 'get',
    path: '/services/{name}/dependencies',
    summary:
      'What a service called, by whole hours of the last day or of the time asked for; what failed most comes first.',
    params: byName,
    query: z.object({ ...range, environment }),
    answer: Dependencies,
  },
  {
    method: 'get',
    path: '/dependencies',
    summary: 'What stands on what, as files say and calls show, and which services are above it.',
    query: z.object({ service: z.string().optional(), environment }),
    answer: DependencyGraph,
  },
  {
    method: 'get',
    path: '/services/{name}/measures',
    summary: 'What was measured of a service, step by step.',
    params: byName,
    query: z.object({ ...range, environment, step: z.enum(['1m', '1h', '1d']).optional() }),
    answer: Measures,
  },
  {
    method: 'get',
    path: '/services/{name}/interactions',
    summary: 'Interactions of a service, newest first, without content.',
    params: byName,
    query: z.object({ ...range, ...paging, environment }),
    answer: list('interactions', Interaction),
  },
  {
    method: 'get',
    path: '/interactions/{traceId}',
    summary: 'All that is known of one trace.',
    params: z.object({ traceId }),
    answer: z.object({
      interactions: z.array(Interaction),
      calls: z.array(Call),
      feedback: z.array(z.record(z.string(), z.unknown())),
      evaluations: z.array(z.record(z.string(), z.unknown())),
      labels: z.array(z.record(z.string(), z.unknown())),
    }),
  },
  {
    method: 'get',
    path: '/objectives',
    summary: 'The promises, each with its verdict.',
    query: z.object({ ...paging, environment }),
    answer: list('objectives', Objective),
  },
  {
    method: 'get',
    path: '/objectives/{name}',
    summary: 'One promise, and when its budget will be spent.',
    params: byName,
    answer: ObjectiveDetail,
  },
  {
    method: 'get',
    path: '/objectives/{name}/periods',
    summary: 'What was attained in each period of a calendar window, newest first, and what a contract owes for it.',
    params: byName,
    query: z.object({ limit: z.int().min(1).max(400).optional() }),
    answer: z.object({ periods: z.array(ObjectivePeriod) }),
  },
  {
    method: 'get',
    path: '/incidents',
    summary: 'Incidents, newest first, resolved ones too.',
    query: z.object({
      ...paging,
      environment,
      state: z.enum([...INCIDENT_STATES, 'open']).optional(),
      service: z.string().optional(),
    }),
    answer: list('incidents', Incident),
  },
  {
    method: 'get',
    path: '/incidents/statistics',
    summary:
      'How quickly the incidents opened in a time (the last 90 days, when nothing is said) were found, taken and ended.',
    query: z.object({ ...range, environment, service: z.string().optional() }),
    answer: IncidentStatistics,
  },
  {
    method: 'get',
    path: '/incidents/{id}',
    summary: 'One incident, with what to do, what may be done, and its deliveries.',
    params: byId,
    answer: IncidentDetail,
  },
  {
    method: 'post',
    path: '/incidents/{id}/{move}',
    summary: 'Something is done to an incident.',
    params: z.object({
      id: z.string(),
      move: z.enum(MOVE_NAMES),
    }),
    body: z.object({
      to: z.string().optional(),
      reason: z.union([z.enum(HOLD_REASONS), z.string()]).optional(),
      code: z.enum(CLOSE_CODES).optional(),
      notes: z.string().optional(),
      text: z.string().optional(),
      impact: z.int().min(1).max(3).nullable().optional(),
      urgency: z.int().min(1).max(3).nullable().optional(),
      priority: z.int().min(1).max(5).nullable().optional(),
      category: z.enum(CATEGORIES).optional(),
      harm: z.enum(HARMS).optional(),
      art349: z.enum(ARTICLE_3_49).optional(),
      seriousCandidate: z.boolean().optional(),
      at: time.optional(),
      person: z.string().optional().openapi({
        description: 'Of `classify` and `aware`: who it is, where nobody has signed in.',
      }),
    }),
    answer: Incident,
    conflict: true,
  },
  {
    method: 'get',
    path: '/changes/{id}/evidence',
    summary: 'What speaks for a change that the traffic has shown and nobody has declared.',
    params: byId,
    answer: ChangeEvidence,
  },
  {
    method: 'get',
    path: '/problems',
    summary: 'What makes incidents, newest first.',
    query: z.object({
      ...paging,
      environment,
      state: z.enum(PROBLEM_FILTERS).optional().openapi({ description: '`open`: neither resolved nor closed.' }),
      service: z.string().optional(),
    }),
    answer: list('problems', ProblemInfo),
  },
  {
    method: 'get',
    path: '/problems/trend',
    summary: 'Incidents by category, service and cause, month by month. Cancelled ones do not count.',
    query: z.object({ ...range, environment, service: z.string().optional() }),
    answer: ProblemTrend,
  },
  {
    method: 'get',
    path: '/problems/{id}',
    summary: 'One problem, its incidents, and what may be done to it.',
    params: byId,
    answer: ProblemDetail,
  },
  {
    method: 'post',
    path: '/problems',
    summary: 'Somebody opens a problem about incidents of one service.',
    body: z.object({
      title: z.string(),
      category: z.enum(CATEGORIES).optional().openapi({ description: 'That of the newest incident when absent.' }),
      incidents: z.array(z.string()),
      reason: z.string(),
    }),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'post',
    path: '/problems/{id}/close',
    summary: 'The fix has held.',
    params: byId,
    body: z.object({}),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'post',
    path: '/problems/{id}/accept',
    summary: 'Somebody bears the risk until then, and it is closed.',
    params: byId,
    body: z.object({ until: time, reason: z.string() }),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'post',
    path: '/problems/{id}/{move}',
    summary: 'What people do to a problem. Where it is not possible the answer is 409 and lists what is.',
    params: z.object({
      id: z.string(),
      move: z.enum(PROBLEM_MOVES.filter((move) => move !== 'close' && move !== 'accept')),
    }),
    body: z.object({
      cause: z.enum(ROOT_CAUSES).optional(),
      slice: textOrNull.optional().openapi({ description: 'Of `confirm`: the one that is proposed when absent.' }),
      reason: z.string().optional(),
      text: z.string().optional(),
      change: textOrNull.optional().openapi({ description: 'Of `fix`: the id of the change that mends it.' }),
      notes: z.string().optional(),
      of: z.string().optional().openapi({ description: 'Of `duplicate`: the problem that it is the same as.' }),
      incident: z.string().optional(),
    }),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'get',
    path: '/outbox',
    summary: 'Messages about incidents that wait for their destination or were given up, newest first.',
    query: z.object({
      ...paging,
      state: z.enum(['pending', 'dead', 'delivered', 'superseded', 'discarded']).optional(),
      sink: z.string().optional(),
      incident: z.string().optional(),
    }),
    answer: list('messages', OutboxMessage),
  },
  {
    method: 'post',
    path: '/outbox/{id}/replay',
    summary: 'A message that was given up is sent again, unless nobody needs to hear it any more.',
    params: byId,
    answer: ReplayedMessage,
    conflict: true,
  },
  {
    method: 'post',
    path: '/outbox/{id}/discard',
    summary: 'A message is not to be sent.',
    params: byId,
    body: z.object({ reason: z.string() }),
    answer: OutboxMessage,
    conflict: true,
  },
  {
    method: 'get',
    path: '/destinations',
    summary: 'Where incidents are told, and how each of them is.',
    answer: z.object({ destinations: z.array(Destination) }),
  },
  {
    method: 'get',
    path: '/silences',
    summary: 'Who does not want to be told of what, newest first.',
    query: z.object({
      ...paging,
      state: z.enum(['current', 'expired']).optional().openapi({ description: '`current`: those that are not over.' }),
    }),
    answer: list('silences', Silence),
  },
  {
    method: 'get',
    path: '/silences/{id}',
    summary: 'One silence.',
    params: byId,
    answer: Silence,
  },
  {
    method: 'post',
    path: '/silences',
    summary: 'Pages and chats are not told for a while of the incidents that all of its matchers fit; 30 days at most.',
    body: z.object({
      matchers: z.array(
        z.object({
          label: z.enum(SILENCE_LABELS),
          operator: z.enum(MATCHER_OPERATORS).optional(),
          value: z.string().openapi({ description: 'Text, or a pattern that has to fit all of it.' }),
        }),
      ),
      startsAt: time.optional().openapi({ description: 'Now when absent.' }),
      endsAt: time,
      comment: z.string(),
    }),
    answer: Silence,
  },
  {
    method: 'delete',
    path: '/silences/{id}',
    summary: 'A silence ends now. What it hid and is still broken is told.',
    params: byId,
    answer: Silence,
  },
  {
    method: 'get',
    path: '/taxonomy',
    summary: 'What incidents are filed under, by which rules, and what other taxonomies say to it.',
    answer: Taxonomy,
  },
  {
    method: 'get',
    path: '/session',
    summary: 'Who is signed in to the console, and what they may.',
    answer: SessionInfo,
  },
  {
    method: 'post',
    path: '/session',
    summary: 'Sign-in by a token: answers with a cookie.',
    body: z.object({ token: z.string() }),
    answer: SignedIn,
  },
  { method: 'post', path: '/session/end', summary: 'Sign-out.', answer: SignedIn },
  {
    method: 'get',
    path: '/tokens',
    summary: 'Tokens that were ever made, oldest first; never what they are.',
    answer: z.object({ tokens: z.array(TokenInfo) }),
  },
  {
    method: 'post',
    path: '/tokens',
    summary: 'A new token for a role, for all services or for some.',
    body: z.object({
      role: z.enum(ROLES),
      name: z.string().optional(),
      services: z.array(z.string()).optional(),
      expiresIn: z.string().optional().openapi({ description: 'A duration like 90d, which is the default.' }),
    }),
    answer: NewTokenInfo,
  },
  {
    method: 'post',
    path: '/tokens/{id}/revoke',
    summary: 'A token is taken back, at once and for good.',
    params: byId,
    answer: TokenInfo,
  },
  {
    method: 'get',
    path: '/audit',
    summary: 'Entries of the audit log, newest first.',
    query: z.object({ ...range, ...paging, type: z.string().optional(), actor: z.string().optional() }),
    answer: list('entries', AuditEntry),
  },
  {
    method: 'get',
    path: '/audit/heads',
    summary: 'Signed heads of the audit log, newest first.',
    query: z.object(paging),
    answer: list('heads', AuditHead),
  },
  {
    method: 'get',
    path: '/audit/keys',
    summary: 'Public keys of the audit log, in the order in which they came into force.',
    answer: z.object({ keys: z.array(z.object({ keyId: sha256, since: time, pem: z.string() })) }),
  },
  {
    method: 'post',
    path: '/audit/exports',
    summary: 'Notes that the audit log is exported, and signs a head over all of it.',
    body: z.object({ from: time.optional(), until: time.optional() }),
    answer: AuditHead,
    conflict: true,
  },
  {
    method: 'post',
    path: '/audit/rotate-key',
    summary: 'Another key signs the audit log from now on.',
    body: z.object({ to: z.string().optional() }),
    answer: AuditHead,
    conflict: true,
  },
  {
    method: 'post',
    path: '/audit/cut',
    summary: 'Lets go of entries of the audit log of before a time, up to a signed head.',
    body: z.object({ before: time }),
    answer: z.object({ entries: z.int() }),
    conflict: true,
  },
  {
    method: 'get',
    path: '/history',
    summary: 'Where the event-time history outside stands.',
    answer: z.object({ history: History.optional() }),
  },
  {
    method: 'post',
    path: '/history/rebuild',
    summary: 'Takes away what of that history can be made again from the store, and makes it again.',
    body: z.object({ since: time.optional() }),
    answer: z.object({ from: time, history: History }),
    conflict: true,
  },
  {
    method: 'post',
    path: '/hooks/{name}',
    summary: 'A tool tells what people have done in it; signed with the secret of the sink of that name.',
    params: z.object({ name: z.string() }),
    answer: z.object({ taken: z.int().openapi({ description: 'How many events are new.' }) }),
    callback: true,
  },
  {
    method: 'post',
    path: '/settle',
    summary: 'Brings tallies in memory into the store.',
    answer: z.object({ settled: z.boolean() }),
  },
  {
    method: 'post',
    path: '/store/move',
    summary: 'A step of plimsoll migrate, which moves the store of a running Plimsoll.',
    body: z.object({
      step: z.enum(['begin', 'renew', 'hold', 'release', 'leave']),
      to: z.string().optional().openapi({ description: 'Of begin: where to, without a password.' }),
      id: z.string().optional().openapi({ description: 'Of every other step: what begin answered.' }),
    }),
    answer: z.object({ id: z.string(), phase: z.enum(['following', 'held', 'gone']).nullable() }),
  },
  {
    method: 'get',
    path: '/events',
    summary: 'Server-sent events: tick, incident, change.',
    answer: z.string(),
    mediaType: 'text/event-stream',
  },
  {
    method: 'get',
    path: '/explain',
    summary: 'Server-sent events named explanation: how spans that arrive are read, some of them under load.',
    query: z.object({ service: z.string().optional(), limit: z.number().int().min(1).max(1000).default(20) }),
    answer: z.string(),
    mediaType: 'text/event-stream',
  },
  { method: 'get', path: '/openapi.json', summary: 'This document.', answer: z.record(z.string(), z.unknown()) },
];

const content = (schema: z.ZodType, mediaType = 'application/json') => ({ content: { [mediaType]: { schema } } });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/** Nobody has to say who they are as long as Plimsoll is open, and nowhere where anybody may. */
const securityOf = (route: string): Record<string, string[]>[] =>
  ROUTE_ACCESS[route]?.may === 'anybody' ? [] : [{}, { token: [] }];

const refusalsOf = <T>(route: string, said: (description: string) => T): Record<number, T> => {
  const may = ROUTE_ACCESS[route]?.may ?? 'administer';
  if (may === 'anybody') return {};
  return {
    401: said('Nobody said who sends this, or their token is not valid.'),
    ...(may === 'anyone' ? {} : { 403: said(`Whoever sends this lacks the permission to ${may}.`) }),
    429: said('Too many failed attempts: come again after Retry-After seconds.'),
  };
};

const CALLBACK_REFUSALS = {
  401: problem('Not signed with the secret of this sink, or too long ago.'),
  403: problem('The sink has no secret to know callbacks by.'),
  413: problem('The body is too large; nothing was kept.'),
  429: problem('Too many callbacks, or too many that were refused.'),
};

/** The OpenAPI 3.1 document of this API. */
export function openApi(version: string): Record<string, unknown> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  for (const { method, path, summary, params, query, body, answer, mediaType, conflict, callback } of ROUTES)
    registry.registerPath({
      method,
      path: `/api/v1${path}`,
      summary,
      security: securityOf(`${method.toUpperCase()} /api/v1${path}`),
      request: {
        ...(params === undefined ? {} : { params }),
        ...(query === undefined ? {} : { query }),
        ...(body === undefined ? {} : { body: content(body) }),
      },
      responses: {
        200: { description: 'Done.', ...content(answer, mediaType) },
        400: problem('The request can not be read.'),
        ...refusalsOf(`${method.toUpperCase()} /api/v1${path}`, problem),
        ...(params === undefined ? {} : { 404: problem('Not found.') }),
        ...(callback === true ? CALLBACK_REFUSALS : {}),
        ...(conflict === true ? { 409: problem('Not possible in this state; lists what is.') } : {}),
        ...(body === undefined ? {} : { 413: problem('The body is too large; nothing was kept.') }),
        ...(method === 'post' ? { 503: problem('Come again after Retry-After seconds; nothing was kept.') } : {}),
      },
    });
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Plimsoll',
      version,
      description: 'The load line for AI services.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
  }) as unknown as Record<string, unknown>;
}
