import { z } from 'zod';
import { INCIDENT_STATES } from '../../../model/incident.ts';
import { PROBLEM_CLOSES, PROBLEM_RULES, PROBLEM_STATES, ROOT_CAUSES } from '../../../model/problem.ts';
import { CATEGORIES } from '../../../model/taxonomy.ts';
import { PROBLEM_FILTERS, PROBLEM_MOVES } from '../problem-moves.ts';
import { Decision } from './incidents.ts';
import { actor, byId, environment, list, orNull, paging, type Route, range, textOrNull, time } from './parts.ts';

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
        by: actor,
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
const said = {
  reason: z.string().optional(),
  person: z.string().optional().openapi({ description: 'Who it is, where a token or nobody at all signs in.' }),
};
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
export type ProblemInfoJson = z.output<typeof ProblemInfo>;
export type ProblemDetailJson = z.output<typeof ProblemDetail>;
export type ProblemTrendJson = z.output<typeof ProblemTrend>;

export const PROBLEM_ROUTES: readonly Route[] = [
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
      person: said.person,
    }),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'post',
    path: '/problems/{id}/close',
    summary: 'The fix has held.',
    params: byId,
    body: z.object(said),
    answer: ProblemInfo,
    conflict: true,
  },
  {
    method: 'post',
    path: '/problems/{id}/accept',
    summary: 'Somebody bears the risk until then, and it is closed.',
    params: byId,
    body: z.object({ ...said, until: time, reason: z.string() }),
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
      ...said,
      text: z.string().optional(),
      change: textOrNull.optional().openapi({ description: 'Of `fix`: the id of the change that mends it.' }),
      notes: z.string().optional(),
      of: z.string().optional().openapi({ description: 'Of `duplicate`: the problem that it is the same as.' }),
      incident: z.string().optional(),
    }),
    answer: ProblemInfo,
    conflict: true,
  },
];
