import { type Response, Router } from 'express';
import { z } from 'zod';
import { claimsOf, isVoluntary } from '../../measures/response.ts';
import { estimateToJson } from '../../model/estimate.ts';
import { type ClaimsJson, claimsToJson } from '../../model/response-claims.ts';
import { iso, MINUTES_PER_DAY, millisOfMinute } from '../../model/time.ts';
import { type SmallestChange, smallestChange } from '../../objectives/detectability.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import type { KeptPeriod } from '../../store/records/periods.ts';
import { mayFor } from '../access/guard.ts';
import type { ApiContext } from './context.ts';
import { forecastOf, openBreachOf } from './forecast.ts';
import { notFound } from './problem.ts';
import { environment, listPaging, pageOf, readQuery } from './query.ts';
import { strataOf } from './strata.ts';

/** The promises, each with its verdict, its numbers and how sure they are. */
export function objectiveRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/objectives', (request, response) => {
    const query = readQuery({ ...environment, ...listPaging }, request.query);
    const wanted = context.judge
      .readings()
      .filter(({ objective }) => query.environment === undefined || objective.environment === query.environment)
      .filter(({ objective }) => mayFor(response, 'read', objective.service));
    const { page, next } = pageOf(wanted, query);
    response.json({
      objectives: page.map(({ objective, reading }) => objectiveToJson(context, objective, reading)),
      ...next,
    });
  });
  router.get('/objectives/:name', (request, response) => {
    const { objective, reading } = objectiveNamed(context, request.params.name, response);
    response.json({
      ...objectiveToJson(context, objective, reading),
      ...responseOf(context, objective, reading),
      forecast: reading === null ? null : forecastOf(context, objective, reading),
    });
  });
  router.get('/objectives/:name/periods', async (request, response) => {
    const { limit } = readQuery(periodsQuery, request.query);
    const { objective } = objectiveNamed(context, request.params.name, response);
    const found = await context.periods.of(objective, context.judge.horizon + 1, limit);
    response.json({ periods: found.map((one) => periodToJson(one)) });
  });
  return router;
}

/** Of an objective on volunteers' answers: what may be said about everybody. Strata are of the whole days that the window touches. */
function responseOf(
  { reader, dictionary }: ApiContext,
  { counted, events, target, window }: Objective,
  reading: Reading | null,
): { response?: ClaimsJson | null } {
  if (reading === null || !isVoluntary(reading.estimate)) return {};
  const first = Math.floor(window.startOf(reading.minute) / MINUTES_PER_DAY);
  const last = Math.floor(reading.minute / MINUTES_PER_DAY);
  const strata = strataOf(reader, dictionary, [counted], events, { step: 'day', first, last });
  const claims = claimsOf(reading.estimate, target, strata);
  return { response: claims === null ? null : claimsToJson(claims) };
}

/** A year of months. */
const periodsQuery = { limit: z.coerce.number().int().min(1).max(400).default(13) };

function periodToJson({ from, to, state, target, estimate, met, credit, isWhole, closedAt }: KeptPeriod): object {
  const { value, ...known } = estimate;
  return {
    from: iso(millisOfMinute(from)),
    to: iso(millisOfMinute(to)),
    state,
    target,
    attained: value,
    ...known,
    met,
    credit,
    whole: isWhole,
    closedAt: closedAt === null ? null : iso(closedAt),
  };
}

/** @throws not found when no objective that whoever asks may see has the name */
function objectiveNamed(
  context: ApiContext,
  name: string,
  response: Response,
): { objective: Objective; reading: Reading | null } {
  const found = context.judge.readings().find(({ objective }) => objective.name === name);
  if (found !== undefined && mayFor(response, 'read', found.objective.service)) return found;
  throw notFound(`no objective is named ${JSON.stringify(name)}; GET /api/v1/objectives lists them`);
}

export function objectiveToJson(
  context: ApiContext,
  objective: Objective,
  reading: Reading | null,
): Record<string, unknown> {
  const incident = openBreachOf(context, objective)?.incident;
  return {
    name: objective.name,
    service: objective.service,
    environment: objective.environment,
    kind: objective.kind,
    measure: objective.measure,
    subject: objective.subject,
    judgedBy: objective.judgedBy,
    target: objective.target,
    direction: objective.direction,
    window: objective.window.text,
    category: objective.category,
    verdict: reading?.verdict ?? 'insufficient_evidence',
    reason: reading === null ? 'not judged yet' : reading.reason,
    estimate: reading === null ? null : estimateToJson(reading.estimate),
    attained: reading?.attained ?? null,
    budget:
      reading?.budget == null
        ? null
        : {
            ...reading.budget,
            exhaustedAt: reading.budget.exhaustedAt === null ? null : iso(reading.budget.exhaustedAt),
          },
    burnRates: reading?.burns ?? {},
    detector:
      reading?.detector == null
        ? null
        : { ...reading.detector, evidence: reading.evidence, smallestChange: smallestChangeOf(objective, reading) },
    stale: reading?.stale ?? false,
    judgedThrough: reading === null ? null : iso((reading.minute + 1) * 60_000),
    incident: incident?.id ?? null,
  };
}

/** What the sequential test finds within a day at the traffic of the last one; null: nothing, or there is no such test. */
const smallestChangeOf = ({ q0, sequential }: Objective, { dayEvents }: Reading): SmallestChange | null =>
  sequential === null || q0 === null ? null : smallestChange(q0, sequential.ticket.threshold, dayEvents);
