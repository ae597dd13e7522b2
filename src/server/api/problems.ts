import { Router } from 'express';
import { z } from 'zod';
import { isWithin, type ServiceScope } from '../../model/access.ts';
import type { Incident } from '../../model/incident.ts';
import { type ProblemRecord, problemToJson } from '../../model/problem.ts';
import { CLOSING, legalProblemMoves, type ProblemMove } from '../../problems/lifecycle.ts';
import { readProblem, readProblems } from '../../store/records/problems.ts';
import { mayFor, scopeFor, whoAsks } from '../access/guard.ts';
import { incidentNow } from '../incidents/apply.ts';
import { applyProblemMove, openProblem } from '../problems/apply.ts';
import { bodyOf } from './body.ts';
import type { ApiContext } from './context.ts';
import { calledAs } from './person.ts';
import { badRequest, notFound, Problem } from './problem.ts';
import { NewProblem, PROBLEM_FILTERS, readProblemMove } from './problem-moves.ts';
import { environment, firstOf, numberIn, paging, readQuery } from './query.ts';

const permissionOf = (move: string): 'approve' | 'respond' =>
  (CLOSING as readonly string[]).includes(move) ? 'approve' : 'respond';

/** What makes incidents, newest first, and what people do about it. */
export function problemRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/problems', async (request, response) => {
    const {
      state,
      service,
      environment: where,
      limit,
      cursor,
    } = readQuery(
      { ...paging, ...environment, state: z.enum(PROBLEM_FILTERS).optional(), service: z.string().optional() },
      request.query,
    );
    const rows = await readProblems(context.records, {
      state,
      service,
      environment: where,
      scope: scopeFor(response, 'read'),
      before: numberIn(cursor),
      limit: limit + 1,
    });
    const { page, next } = firstOf(rows, limit, ({ number }) => number);
    response.json({ problems: page.map(({ problem }) => problemToJson(problem)), ...next });
  });
  router.get('/problems/:id', async (request, response) => {
    const scope = scopeFor(response, 'read');
    const problem = await seen(context, request.params.id, scope);
    const moves = legalProblemMoves(problem.state).filter((move) =>
      mayFor(response, permissionOf(move), problem.service),
    );
    response.json({
      ...problemToJson(problem),
      moves,
      incidents: (await incidentsOf(context, problem.incidents, scope)).map(
        ({ id, service, state, priority, title, slices }) => ({
          id,
          service,
          state,
          priority,
          title,
          slice: slices[0]?.name ?? null,
        }),
      ),
    });
  });
  router.post('/problems', async (request, response) => {
    const wanted = bodyOf(NewProblem, request.body);
    const scope = scopeFor(response, 'respond');
    const by = calledAs(whoAsks(response), wanted.person);
    response.json(problemToJson(await context.alone(() => open(context, wanted, by, scope))));
  });
  const moved = (type: string) =>
    router.post(`/problems/:id/${type}`, async (request, response) => {
      const { id, move = type } = request.params as { id: string; move?: string };
      const { step, by } = readProblemMove(move, request.body, whoAsks(response));
      const scope = scopeFor(response, permissionOf(move));
      response.json(problemToJson(await context.alone(() => apply(context, id, step, by, scope))));
    });
  for (const closing of CLOSING) moved(closing);
  moved(':move');
  return router;
}

async function apply(
  context: ApiContext,
  id: string,
  step: ProblemMove,
  by: Parameters<typeof applyProblemMove>[3],
  scope: ServiceScope,
): Promise<ProblemRecord> {
  const problem = await seen(context, id, scope);
  const other: { incident?: Incident; problem?: ProblemRecord } = {};
  if (step.type === 'link' || step.type === 'unlink') {
    other.incident = await incidentOf(context, step.incident, scope);
    if (step.type === 'link') requireFree(other.incident, problem);
  }
  if (step.type === 'duplicate') {
    other.problem = await seen(context, step.of, scope);
    if (other.problem.service !== problem.service || other.problem.environment !== problem.environment)
      throw badRequest(`of: ${step.of} is about another service or environment`);
  }
  const done = await applyProblemMove(context, problem, step, by, other);
  if (done.refused && done.field !== null) throw badRequest(`${done.field}: ${done.why}`);
  if (done.refused)
    throw new Problem(409, 'PLIM_PROBLEM_ILLEGAL_MOVE', 'Not possible in this state', done.why, {
      state: done.state,
      legal: done.legal,
    });
  return done.problem;
}

async function open(
  context: ApiContext,
  { title, category, incidents: ids, reason }: NewProblem,
  by: Parameters<typeof openProblem>[2],
  scope: ServiceScope,
): Promise<ProblemRecord> {
  const incidents: Incident[] = [];
  for (const id of new Set(ids)) incidents.push(await incidentOf(context, id, scope));
  incidents.sort((a, b) => a.openedAt - b.openedAt);
  const newest = incidents.at(-1)!;
  for (const one of incidents) requireFree(one, newest);
  return openProblem(context, { title, category: category ?? newest.category, reason, incidents }, by);
}

/** @throws Problem  for an incident that can't belong to a problem of that service */
function requireFree(
  { id, problem, service, environment: where }: Incident,
  { service: wanted, environment: there }: Pick<Incident, 'service' | 'environment'>,
): void {
  if (problem !== null)
    throw new Problem(
      409,
      'PLIM_PROBLEM_LINKED',
      'It belongs to a problem',
      `${id} belongs to ${problem}: unlink it there first`,
    );
  if (service !== wanted || where !== there)
    throw badRequest(`${id}: is of another service or environment: a problem is about one`);
}

async function incidentOf(context: ApiContext, id: string, scope: ServiceScope): Promise<Incident> {
  const incident = await incidentNow(context, id);
  if (incident === null || !isWithin(scope, incident.service))
    throw notFound(`no incident is named ${JSON.stringify(id)}; GET /api/v1/incidents lists them`);
  return incident;
}

async function incidentsOf(context: ApiContext, ids: readonly string[], scope: ServiceScope): Promise<Incident[]> {
  const known = await Promise.all(ids.map((id) => incidentNow(context, id)));
  return known.filter((one): one is Incident => one !== null && isWithin(scope, one.service));
}

async function seen({ records }: ApiContext, id: string, scope: ServiceScope): Promise<ProblemRecord> {
  const problem = await readProblem(records, id);
  if (problem === null || !isWithin(scope, problem.service))
    throw notFound(`no problem is named ${JSON.stringify(id.slice(0, 64))}; GET /api/v1/problems lists them`);
  return problem;
}
