import { Router } from 'express';
import { z } from 'zod';
import { type ResponseTimes, responseTimes, responseTimesBy, type Timed } from '../../incidents/response-times.ts';
import type { Incident } from '../../model/incident.ts';
import { DAY_MS, iso } from '../../model/time.ts';
import { scopeFor } from '../access/guard.ts';
import type { ApiContext } from './context.ts';
import { openedIncidents } from './opened-incidents.ts';
import { badRequest } from './problem.ts';
import { environment, range, readQuery } from './query.ts';

const USUAL_DAYS = 90;

/** How quickly incidents are found, taken and ended. */
export function incidentStatisticsRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/incidents/statistics', async (request, response) => {
    const query = readQuery({ ...range, ...environment, service: z.string().optional() }, request.query);
    const to = query.to ?? context.now();
    const from = query.from ?? to - USUAL_DAYS * DAY_MS;
    if (from >= to) throw badRequest('from: is not before to');
    const wanted = { ...query, from, to, scope: scopeFor(response, 'read') };
    const timed = await openedIncidents(context, wanted, timedOf);
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

/** Not more of each than that: there may be very many. */
const timedOf = ({
  state,
  service,
  priority,
  category,
  startedAt,
  detectedAt,
  openedAt,
  ackedAt,
  resolvedAt,
}: Incident): Timed => ({
  state,
  service,
  priority,
  category,
  startedAt,
  detectedAt,
  openedAt,
  ackedAt,
  resolvedAt,
});

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
