import { Router } from 'express';
import { z } from 'zod';
import { firstSteps } from '../../incidents/advice.ts';
import { illegalText, legalMoves, type Move } from '../../incidents/lifecycle.ts';
import { isWithin, type ServiceScope } from '../../model/access.ts';
import { type Actor, INCIDENT_STATES, type Incident, incidentToJson, storedIncident } from '../../model/incident.ts';
import { isCategory } from '../../model/taxonomy.ts';
import { iso } from '../../model/time.ts';
import { readChildren, readIncident } from '../../store/records/incidents.ts';
import { mayFor, scopeFor, whoAsks } from '../access/guard.ts';
import { applyMove, incidentNow } from '../incidents/apply.ts';
import type { ApiContext } from './context.ts';
import { escalationToJson, timerToJson } from './incident-care.ts';
import { readMove } from './moves.ts';
import { notFound, Problem } from './problem.ts';
import { environment, firstOf, numberIn, paging, readQuery } from './query.ts';
import { referencesToJson } from './taxonomy.ts';

/** Incidents, newest first, and what people do to them. */
export function incidentRoutes(context: ApiContext): Router {
  const { records } = context;
  const router = Router();
  router.get('/incidents', async (request, response) => {
    const query = readQuery(
      {
        ...paging,
        ...environment,
        state: z.enum([...INCIDENT_STATES, 'open']).optional(),
        service: z.string().optional(),
      },
      request.query,
    );
    const before = numberIn(query.cursor);
    let select = records
      .selectFrom('incident')
      .select(['number', 'record'])
      .orderBy('number', 'desc')
      .limit(query.limit + 1);
    if (query.state === 'open') select = select.where('state', 'in', ['new', 'in_progress', 'on_hold']);
    else if (query.state !== undefined) select = select.where('state', '=', query.state);
    if (query.service !== undefined) select = select.where('service', '=', query.service);
    if (query.environment !== undefined) select = select.where('environment', '=', query.environment);
    const scope = scopeFor(response, 'read');
    if (scope !== null) select = select.where('service', 'in', [...scope]);
    if (before !== null) select = select.where('number', '<', before);
    const { page, next } = firstOf(await select.execute(), query.limit, ({ number }) => number);
    response.json({ incidents: page.map((row) => incidentToJson(storedIncident(row.record))), ...next });
  });
  router.get('/incidents/:id', async (request, response) => {
    const incident = await incidentOf(context, request.params.id, scopeFor(response, 'read'));
    response.json({
      ...incidentToJson(incident),
      advice: incident.resolvedAt === null && incident.state !== 'cancelled' ? firstSteps(incident) : [],
      moves: mayFor(response, 'respond', incident.service) ? legalMoves(incident.state) : [],
      children: await childrenOf(context, incident.id, scopeFor(response, 'read')),
      references: isCategory(incident.category) ? referencesToJson(incident.category) : null,
      deliveries: await deliveriesOf(context, incident.id),
      timers: context.caretaker.timersOf(incident, context.now()).map(timerToJson),
      escalation: escalationToJson(incident.escalation),
    });
  });
  router.post('/incidents/:id/:move', async (request, response) => {
    const { id, move: type } = request.params;
    const { step, by } = readMove(type, request.body, whoAsks(response), context.now());
    const scope = scopeFor(response, 'respond');
    response.json(incidentToJson(await context.alone(() => apply(context, id, step, by, scope))));
  });
  return router;
}

async function apply(context: ApiContext, id: string, step: Move, by: Actor, scope: ServiceScope): Promise<Incident> {
  const done = await applyMove(context, seen(await incidentNow(context, id), id, scope), step, by);
  if (done.illegal)
    throw new Problem(409, 'PLIM_INCIDENT_ILLEGAL_MOVE', 'Not possible in this state', illegalText(id, step, done), {
      state: done.state,
      legal: done.legal,
    });
  return done.incident;
}

const incidentOf = async ({ records }: ApiContext, id: string, scope: ServiceScope): Promise<Incident> =>
  seen(await readIncident(records, id), id, scope);

function seen(incident: Incident | null, id: string, scope: ServiceScope): Incident {
  if (incident === null || !isWithin(scope, incident.service))
    throw notFound(`no incident is named ${JSON.stringify(id.slice(0, 64))}; GET /api/v1/incidents lists them`);
  return incident;
}

/** Incidents that follow from one, oldest first. */
async function childrenOf({ records }: ApiContext, id: string, scope: ServiceScope): Promise<unknown[]> {
  const children = await readChildren(records, id);
  return children
    .filter((one) => isWithin(scope, one.service))
    .map(({ id, service, state, priority, title }) => ({ id, service, state, priority, title }));
}

async function deliveriesOf({ records }: ApiContext, incident: string): Promise<unknown[]> {
  const rows = await records
    .selectFrom('outbox')
    .select(['sink', 'seq', 'transition', 'state', 'attempts', 'created_at', 'settled_at', 'last_error', 'remote'])
    .where('incident', '=', incident)
    .orderBy('seq')
    .orderBy('sink')
    .execute();
  return rows.map((row) => {
    const remote = row.remote === null ? {} : JSON.parse(row.remote);
    return {
      sink: row.sink,
      seq: row.seq,
      transition: row.transition,
      state: row.state,
      attempts: row.attempts,
      createdAt: iso(row.created_at),
      settledAt: row.settled_at === null || row.state === 'pending' ? null : iso(row.settled_at),
      lastError: row.last_error,
      remoteId: remote.id ?? null,
      remoteUrl: remote.url ?? null,
    };
  });
}
