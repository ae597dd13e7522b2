import { z } from 'zod';
import { ESTIMATE_STATUSES, MEASURES } from '../../../model/estimate.ts';
import { OBJECTIVE_KINDS } from '../../../model/incident.ts';
import { PERIOD_STATES } from '../../../objectives/period-result.ts';
import { VERDICTS } from '../../../objectives/reading.ts';
import { Estimate, Response, Sampled } from './estimates.ts';
import {
  byName,
  environment,
  list,
  numberOrNull,
  orNull,
  paging,
  type Route,
  share,
  textOrNull,
  time,
} from './parts.ts';

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
export const Objective = z
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
/** As clients that are written in TypeScript see the answers. */
export type ObjectiveJson = z.output<typeof Objective>;
export type ObjectiveDetailJson = z.output<typeof ObjectiveDetail>;
export type ObjectivePeriodJson = z.output<typeof ObjectivePeriod>;

export const OBJECTIVE_ROUTES: readonly Route[] = [
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
];
