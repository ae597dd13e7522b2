import { Router } from 'express';
import { z } from 'zod';
import { storedProblem } from '../../model/problem.ts';
import { iso, type Millis } from '../../model/time.ts';
import { type Counted, trendOf } from '../../problems/trend.ts';
import { scopeFor } from '../access/guard.ts';
import type { ApiContext } from './context.ts';
import { type Opened, openedIncidents } from './opened-incidents.ts';
import { badRequest } from './problem.ts';
import { environment, range, readQuery } from './query.ts';

/** Months shown when nothing is said: this one and those before it. */
const USUAL_MONTHS = 12;
/** Months shown at most. */
const MONTHS_MAX = 120;

/** What incidents were about, where and why, month by month. */
export function problemTrendRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/problems/trend', async (request, response) => {
    const query = readQuery({ ...range, ...environment, service: z.string().optional() }, request.query);
    // What happens now counts, too.
    const to = query.to ?? context.now() + 1;
    const from = query.from ?? monthsBefore(to, USUAL_MONTHS - 1);
    if (from >= to) throw badRequest('from: is not before to');
    if (from < monthsBefore(to, MONTHS_MAX)) throw badRequest(`from: at most ${MONTHS_MAX} months before to`);
    const wanted = { ...query, from, to, scope: scopeFor(response, 'read') };
    const months = trendOf(await incidentsOf(context, wanted), await problemsOf(context, wanted), from, to);
    response.json({ from: iso(from), to: iso(to), months });
  });
  return router;
}

/** The beginning of a month, UTC. */
function monthsBefore(at: Millis, months: number): Millis {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months);
}

async function incidentsOf(context: ApiContext, wanted: Opened): Promise<Counted[]> {
  const counted = await openedIncidents(context, wanted, ({ state, service, category, openedAt, problem }) =>
    state === 'cancelled' ? null : { service, category, openedAt, problem },
  );
  return counted.filter((one) => one !== null);
}

/** All that may matter: problems are few. */
async function problemsOf({ records }: ApiContext, { service, environment: where, scope }: Opened) {
  let select = records.selectFrom('problem').select('record').orderBy('number');
  if (service !== undefined) select = select.where('service', '=', service);
  if (where !== undefined) select = select.where('environment', '=', where);
  if (scope !== null) select = select.where('service', 'in', [...scope]);
  return (await select.execute()).map((row) => storedProblem(row.record));
}
