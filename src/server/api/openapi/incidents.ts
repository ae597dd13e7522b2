import { z } from 'zod';
import {
  ARTICLE_3_49,
  CLOSE_CODES,
  HARMS,
  HOLD_REASONS,
  INCIDENT_FLAGS,
  INCIDENT_STATES,
  OBJECTIVE_KINDS,
} from '../../../model/incident.ts';
import { CATEGORIES } from '../../../model/taxonomy.ts';
import { EscalationSchema, TimerSchema } from '../incident-care.ts';
import { MOVE_NAMES } from '../moves.ts';
import { Delivery } from './outbox.ts';
import {
  actor,
  byId,
  environment,
  list,
  numberOrNull,
  orNull,
  paging,
  type Route,
  range,
  share,
  textOrNull,
  time,
  traceId,
} from './parts.ts';
import { References } from './taxonomy.ts';

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
    restored: orNull(z.object({ withAll: share, without: share }))
      .optional()
      .openapi({ description: 'Bad share since the onset of all traffic, and of what is left without this part.' }),
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
export const Decision = z
  .object({
    by: actor,
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
export type IncidentStatisticsJson = z.output<typeof IncidentStatistics>;

export const INCIDENT_ROUTES: readonly Route[] = [
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
];
