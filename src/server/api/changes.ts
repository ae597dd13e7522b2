import { type Response, Router } from 'express';
import { z } from 'zod';
import { conflictsOf } from '../../changes/conflicts.ts';
import { type ChangeMoveType, type ChangeRefusal, movesHere } from '../../changes/lifecycle.ts';
import type { ChangeVerdict } from '../../changes/watch.ts';
import { type ChangeRecord, changeToJson } from '../../model/change.ts';
import { refOf } from '../../model/new-change.ts';
import { iso, millisOfMinute } from '../../model/time.ts';
import { type ListedChange, listChanges, readChange } from '../../store/records/change-records.ts';
import { mayFor, scopeFor, whoAsks } from '../access/guard.ts';
import { applyChangeMove, type ChangeDesk } from '../changes/desk.ts';
import { approvalOf, conflictFactsOf } from '../changes/facts.ts';
import { answerGate } from '../changes/gate.ts';
import { oddReference } from '../changes/references.ts';
import { verdictOfChange, watchedUntil } from '../changes/watch.ts';
import { takeTold } from '../inbound/standings.ts';
import { labelsOf } from '../metrics/names.ts';
import { CHANGE_MOVES, JUDGED_BY_APPROVERS, readChangeMove } from './change-moves.ts';
import type { ApiContext } from './context.ts';
import { badRequest, notFound, Problem } from './problem.ts';
import { CURSOR, firstOf, paging, readQuery } from './query.ts';

const permissionOf = (move: ChangeMoveType): 'approve' | 'send' =>
  JUDGED_BY_APPROVERS.includes(move) ? 'approve' : 'send';

/** Changes, newest first, and what people and pipelines do to them. */
export function changeRoutes(context: ApiContext): Router {
  const { records, catalog, now } = context;
  const router = Router();
  router.get('/changes', async (request, response) => {
    const query = readQuery(
      { ...paging, service: z.string().max(256).optional(), state: z.string().max(256).optional() },
      request.query,
    );
    const { limit, cursor, service, state } = query;
    const services = scopeFor(response, 'read');
    const before = cursor === undefined ? undefined : placeOf(cursor);
    const rows = await listChanges(records, { service, state, services, before, limit: limit + 1 });
    const { page, next } = firstOf(rows, limit, cursorOf);
    response.json({ changes: page.map(listedToJson), ...next });
  });
  router.get('/changes/:id', async (request, response) => {
    const { id } = request.params;
    const change = await readChange(records, id);
    if (change === null) {
      const told = await records.selectFrom('change').selectAll().where('id', '=', id).executeTakeFirst();
      if (told === undefined || !mayFor(response, 'read', told.service)) throw unknown(id);
      response.json(listedToJson({ id, at: told.at, asked: null, told }));
      return;
    }
    if (!mayFor(response, 'read', change.service)) throw unknown(id);
    const facts = await conflictFactsOf(records, catalog.services, change, now());
    const isAhead = change.startedAt === null && change.state !== 'cancelled';
    response.json({
      ...changeToJson(change),
      conflicts: isAhead ? conflictsOf(change, facts) : [],
      moves: movesHere(change, { approval: approvalOf(catalog.services, change) }).filter((move) =>
        mayFor(response, permissionOf(move), change.service),
      ),
    });
  });
  router.get('/changes/:id/gate', async (request, response) => {
    const change = await asked(context, request.params.id, response);
    response.json({
      id: change.id,
      service: change.service,
      state: change.state,
      ...(await answerGate(context, change)),
    });
  });
  router.get('/changes/:id/verdict', async (request, response) => {
    const change = await asked(context, request.params.id, response);
    response.json(verdictToJson(context, change));
  });
  // Flagger posts, says what it is about in a body that nothing here needs, and looks at the status alone.
  router.post('/changes/:id/verdict', async (request, response) => {
    const { is } = readQuery({ is: z.enum(['approve', 'rollback']) }, request.query);
    const change = await asked(context, request.params.id, response);
    const verdict = verdictToJson(context, change);
    if (verdict.decision !== is) throw undecided(change.id, is, verdict);
    response.json(verdict);
  });
  for (const type of CHANGE_MOVES)
    router.post(`/changes/:id/${type}`, async (request, response) => {
      const { id } = request.params;
      const { step, by } = readChangeMove(type, request.body, whoAsks(response));
      const odd = step.type === 'amend' ? oddReference(step.draft.externalRefs, context.hooks.callers()) : null;
      if (odd !== null) throw badRequest(odd);
      const desk: ChangeDesk = { ...context, services: catalog.services };
      const change = await context.alone(async () => {
        const known = await readChange(records, id);
        if (known === null) throw await noRecord(context, id, response);
        if (!mayFor(response, permissionOf(type), known.service)) throw unknown(id);
        const moved = await applyChangeMove(desk, known, step, by);
        if (moved.refused !== null) throw refused(id, type, moved);
        if (type !== 'amend') return moved.change;
        // What it is called elsewhere may have been told of before.
        const heard = await takeTold({ ...context, callers: context.hooks.callers() }, moved.change);
        if (heard.statements.length > 0) await context.writeIncidents(heard.statements);
        return heard.change;
      });
      context.events.send('change', { id, state: change.state }, change.service);
      if (type === 'start') context.metrics.live.change(labelsOf(change), change.type);
      response.json(changeToJson(change));
    });
  return router;
}

/** A change that was asked for, for whoever reads of its service or sends to it. */
export async function asked(context: ApiContext, id: string, response: Response): Promise<ChangeRecord> {
  const change = await readChange(context.records, id);
  if (change === null) throw await noRecord(context, id, response);
  if (!maySee(response, change.service)) throw unknown(id);
  return change;
}

const maySee = (response: Response, service: string): boolean =>
  (['read', 'send'] as const).some((one) => mayFor(response, one, service));

/** Of one that was only told of whoever may know of it is told that. */
async function noRecord({ records }: ApiContext, id: string, response: Response): Promise<Problem> {
  const told = await records.selectFrom('change').select('service').where('id', '=', id).executeTakeFirst();
  return told !== undefined && maySee(response, told.service)
    ? notFound(
        `${JSON.stringify(id.slice(0, 64))} was only told of: it was not asked for, and nothing is decided about it`,
      )
    : unknown(id);
}

/** Small, for rollout tools. */
function verdictToJson({ reader, dictionary, objectives, judge }: ApiContext, change: ChangeRecord) {
  const through = judge.horizon + 1;
  const { findings, ...verdict } = verdictOfChange({ reader, dictionary, objectives: objectives(), through }, change);
  const until = watchedUntil(change);
  return {
    id: change.id,
    ...verdict,
    watchedSince: change.startedAt === null ? null : iso(change.startedAt),
    notBefore:
      change.startedAt === null ? null : iso(change.startedAt + Math.max(0, ...findings.map((one) => one.minimumMs))),
    watchedUntil: until === null ? null : iso(until),
    judgedThrough: iso(millisOfMinute(Math.max(0, through))),
    objectives: findings,
  };
}

const unknown = (id: string): Problem =>
  notFound(`no change is named ${JSON.stringify(id.slice(0, 64))}; GET /api/v1/changes lists them`);

const undecided = (
  id: string,
  wanted: string,
  { decision, reason }: Pick<ChangeVerdict, 'decision' | 'reason'>,
): Problem =>
  new Problem(409, 'PLIM_CHANGE_NOT_DECIDED', 'Not decided so', `${id} is ${decision}, not ${wanted}: ${reason}`, {
    decision,
  });

function refused(id: string, move: ChangeMoveType, refusal: ChangeRefusal): Problem {
  if (refusal.refused === 'rule')
    return new Problem(409, 'PLIM_CHANGE_REFUSED', 'Not allowed by a rule', refusal.reason);
  const { state, legal } = refusal;
  const instead = legal.length === 0 ? 'nothing is' : `${legal.join(', ')} ${legal.length === 1 ? 'is' : 'are'}`;
  const text = `${id} is ${state}: ${move} is not possible, ${instead}`;
  return new Problem(409, 'PLIM_CHANGE_ILLEGAL_MOVE', 'Not possible in this state', text, { state, legal });
}

/** What was only told of has no kind, and none of what comes with one. */
function listedToJson(listed: ListedChange): object {
  if (listed.asked !== null) return changeToJson(listed.asked);
  const { id, service, environment, type, before, after, at, state, description } = listed.told;
  const ref = (json: string | null) => (json === null ? null : refOf(JSON.parse(json)));
  return {
    id,
    service,
    environment,
    type,
    kind: null,
    state,
    before: ref(before),
    after: ref(after),
    description,
    at: iso(at),
  };
}

const cursorOf = ({ at, id }: ListedChange): string => Buffer.from(`${at} ${id}`).toString('base64url');

function placeOf(cursor: string): { at: number; id: string } {
  const match = /^(-?\d{1,15}) (.{1,600})$/s.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw badRequest(CURSOR);
  return { at: Number(match[1]), id: match[2]! };
}
