import { Router } from 'express';
import { z } from 'zod';
import { isWithin, type ServiceScope } from '../../model/access.ts';
import { mayConcern, type Silence, servicesNamed, silenceToJson } from '../../model/silence.ts';
import { readSilence, readSilences } from '../../store/records/silences.ts';
import { scopeFor, whoAsks } from '../access/guard.ts';
import { endSilence, makeSilence, NewSilence } from '../incidents/silences.ts';
import { bodyOf } from './body.ts';
import type { ApiContext } from './context.ts';
import { notFound, Problem } from './problem.ts';
import { firstOf, numberIn, paging, readQuery } from './query.ts';

/** Who does not want to be told of what: made, listed and ended before their time. */
export function silenceRoutes(context: ApiContext): Router {
  const { records, now } = context;
  const router = Router();
  router.get('/silences', async (request, response) => {
    const { state, limit, cursor } = readQuery(
      { ...paging, state: z.enum(['current', 'expired']).optional() },
      request.query,
    );
    const at = now();
    const rows = await readSilences(records, {
      before: numberIn(cursor),
      over: state === undefined ? null : state === 'expired',
      now: at,
      limit: limit + 1,
    });
    const { page, next } = firstOf(rows, limit, ({ number }) => number);
    const scope = scopeFor(response, 'read');
    response.json({
      silences: page.filter((row) => concerns(row.silence, scope)).map((row) => silenceToJson(row.silence, at)),
      ...next,
    });
  });
  router.get('/silences/:id', async (request, response) => {
    response.json(silenceToJson(await seen(context, request.params.id, scopeFor(response, 'read')), now()));
  });
  router.post('/silences', async (request, response) => {
    const wanted = bodyOf(NewSilence, request.body);
    const scope = scopeFor(response, 'respond');
    const silence = await context.alone(() => makeSilence(context, wanted, whoAsks(response), scope));
    response.json(silenceToJson(silence, now()));
  });
  router.delete('/silences/:id', async (request, response) => {
    const { id } = request.params;
    const scope = scopeFor(response, 'respond');
    const known = await seen(context, id, scope);
    const named = servicesNamed(known);
    if (scope !== null && (named === null || !named.every((name) => isWithin(scope, name))))
      throw new Problem(
        403,
        'PLIM_ACCESS_FORBIDDEN',
        'Not allowed',
        'you may respond for some services, and this silence is about others too',
      );
    const ended = await context.alone(() => endSilence(context, id, whoAsks(response)));
    response.json(silenceToJson(ended ?? known, now()));
  });
  return router;
}

/** Whether it may hide something that somebody sees. */
const concerns = (silence: Silence, scope: ServiceScope): boolean =>
  scope === null || [...scope].some((service) => mayConcern(silence, service));

async function seen({ records }: ApiContext, id: string, scope: ServiceScope): Promise<Silence> {
  const silence = await readSilence(records, id);
  if (silence === null || !concerns(silence, scope))
    throw notFound(`no silence is named ${JSON.stringify(id.slice(0, 64))}; GET /api/v1/silences lists them`);
  return silence;
}
