import { Router } from 'express';
import { z } from 'zod';
import { type ResponseTimes, responseTimes, responseTimesBy, type Timed } from '../../incidents/response-times.ts';
import type { ServiceScope } from '../../model/access.ts';
import { storedIncident } from '../../model/incident.ts';
import { DAY_MS, iso, type Millis } from '../../model/time.ts';
import { scopeFor } from '../access/guard.ts';
import { breather } from '../breathe.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';
import { environment, range, readQuery } from './query.ts';

const USUAL_DAYS = 90;
/** Records read at a time. */
const PAGE = 500;

/** How quickly incidents are found, taken and ended. */
export function incidentStatisticsRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/incidents/statistics', async (request, response) => {
    const query = readQuery({ ...range, ...environment, service: z.string().optional() }, request.query);
    const to = query.to ?? context.now();
    const from = query.from ?? to - USUAL_DAYS * DAY_MS;
    if (from >= to) throw badRequest('from: is not before to');
    const timed = await timedBetween(context, { ...query, from, to }, scopeFor(response, 'read'));
    response.json({
      from: iso(from),
      to: iso(to),
      all: timesToJson(responseTimes(timed)),
      byService: by(timed, 'service', ({ service }) => service),
      byPriority: by(timed, 'priority', ({ priority }) => priority),
      byCategory: by(timed, 'category', ({ category }) => category),
      byMonth: by(timed, 'month', ({ openedAt }) => iso(openedAt).slice(0, 7)),
    });
  });
  return router;
}

interface Wanted {
  readonly from: Millis;
  readonly to: Millis;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

/** Incidents opened in a time; `to` exclusive. */
async function timedBetween(
  { records }: ApiContext,
  { from, to, service, environment: where }: Wanted,
  scope: ServiceScope,
): Promise<Timed[]> {
  const timed: Timed[] = [];
  const breath = breather();
  for (let after = 0; ; ) {
    let select = records
      .selectFrom('incident')
      .select(['number', 'record'])
      .where('number', '>', after)
      .where('opened_at', '>=', from)
      .where('opened_at', '<', to)
      .orderBy('number')
      .limit(PAGE);
    if (service !== undefined) select = select.where('service', '=', service);
    if (where !== undefined) select = select.where('environment', '=', where);
    if (scope !== null) select = select.where('service', 'in', [...scope]);
    const rows = await select.execute();
    for (const { record } of rows) {
      const {
        state,
        service: of,
        priority,
        category,
        startedAt,
        detectedAt,
        openedAt,
        ackedAt,
        resolvedAt,
      } = storedIncident(record);
      timed.push({ state, service: of, priority, category, startedAt, detectedAt, openedAt, ackedAt, resolvedAt });
      await breath();
    }
    if (rows.length < PAGE) return timed;
    after = rows.at(-1)!.number;
  }
}

const by = (timed: readonly Timed[], name: string, keyOf: (incident: Timed) => string | number) =>
  responseTimesBy(timed, keyOf).map(({ value, times }) => ({ [name]: value, ...timesToJson(times) }));

const timesToJson = ({ incidents, unresolved, detect, acknowledge, resolve }: ResponseTimes) => ({
  incidents,
  unresolved,
  mttd: spreadToJson(detect),
  mtta: spreadToJson(acknowledge),
  mttr: spreadToJson(resolve),
});

const spreadToJson = ({ n, median, p90 }: ResponseTimes['detect']) => ({ n, medianMs: median, p90Ms: p90 });
