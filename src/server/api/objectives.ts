import { Router } from 'express';
import { estimateToJson } from '../../model/estimate.ts';
import { isOpen } from '../../model/incident.ts';
import { iso } from '../../model/time.ts';
import { type SmallestChange, smallestChange } from '../../objectives/detectability.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import type { ApiContext } from './context.ts';
import { notFound } from './problem.ts';
import { environment, listPaging, pageOf, readQuery } from './query.ts';

/** The promises, each with its verdict, its numbers and how sure they are. */
export function objectiveRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/objectives', (request, response) => {
    const query = readQuery({ ...environment, ...listPaging }, request.query);
    const wanted = context.judge
      .readings()
      .filter(({ objective }) => query.environment === undefined || objective.environment === query.environment);
    const { page, next } = pageOf(wanted, query);
    response.json({
      objectives: page.map(({ objective, reading }) => objectiveToJson(context, objective, reading)),
      ...next,
    });
  });
  router.get('/objectives/:name', (request, response) => {
    const found = context.judge.readings().find(({ objective }) => objective.name === request.params.name);
    if (found === undefined)
      throw notFound(`no objective is named ${JSON.stringify(request.params.name)}; GET /api/v1/objectives lists them`);
    response.json(objectiveToJson(context, found.objective, found.reading));
  });
  return router;
}

export function objectiveToJson(
  context: ApiContext,
  objective: Objective,
  reading: Reading | null,
): Record<string, unknown> {
  const incident = context.book.incidents.find(
    (one) =>
      isOpen(one) && one.breaches.some((breach) => breach.objective === objective.name && breach.recoveredAt === null),
  );
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
const smallestChangeOf = ({ q0, sequential }: Objective, { dayEvents = 0 }: Reading): SmallestChange | null =>
  q0 === null || sequential === null ? null : smallestChange(q0, sequential.ticket.threshold, dayEvents);
