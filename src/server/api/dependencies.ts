import { Router } from 'express';
import { availability } from '../../measures/availability.ts';
import { spending } from '../../measures/cost.ts';
import { durationHistogram } from '../../measures/durations.ts';
import { estimateShare } from '../../measures/share.ts';
import { tokenSums } from '../../measures/tokens.ts';
import { countedKey } from '../../model/names.ts';
import { DAY_MS, HOUR_MS } from '../../model/time.ts';
import { type DependencyCalls, dependencyCalls } from '../../store/sqlite/dependency-calls.ts';
import { exponentialQuantile } from '../../tally/exponential.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';
import { environment, range, readQuery } from './query.ts';
import { currenciesOf, servicesNamed } from './services.ts';

const HOURS_MAX = 24 * 400;
const CALLS = availability();

/** What the services call (models, tools, retrievals ...), and how often that fails. */
export function dependencyRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/services/:name/dependencies', (request, response) => {
    const query = readQuery({ ...range, ...environment }, request.query);
    const to = query.to ?? context.now();
    const from = query.from ?? to - DAY_MS;
    if ((to - from) / HOUR_MS > HOURS_MAX)
      throw badRequest(`from and to are more than ${HOURS_MAX / 24} days apart: choose a shorter time`);
    const hours = [Math.floor(from / HOUR_MS), Math.ceil(to / HOUR_MS) - 1] as const;
    const services = servicesNamed(context, request.params.name, query.environment);
    const codes = services.map((one) => context.dictionary.code(countedKey(one)));
    const calls = dependencyCalls(context.reader, 'hour', codes, ...hours);
    const [currency, ...others] = currenciesOf(context, services);
    // Sums of several currencies are no sum: ask for one environment.
    const dependencies = calls.map((one) => dependencyToJson(context, one, others.length === 0 ? currency! : null));
    response.json({ dependencies: dependencies.sort((a, b) => b.failed - a.failed || b.n - a.n) });
  });
  return router;
}

function dependencyToJson(
  { dictionary }: ApiContext,
  { kind, provider, name, tally }: DependencyCalls,
  currency: string | null,
) {
  const counts = CALLS.eventsOf(tally);
  const { value, low, high, n, sampled } = estimateShare(counts);
  const histogram = durationHistogram(tally);
  return {
    kind: kind ?? 'other',
    provider: dictionary.textOrNull(provider),
    name: dictionary.textOrNull(name),
    n,
    failed: counts.bad,
    value,
    low,
    high,
    ...(sampled !== undefined && { sampled }),
    p50Ms: exponentialQuantile(histogram, 0.5),
    p95Ms: exponentialQuantile(histogram, 0.95),
    tokens: tokenSums(tally),
    cost: currency === null ? null : spending(tally, currency),
  };
}
