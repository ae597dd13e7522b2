import { z } from 'zod';
import { MEASURES } from '../../../model/estimate.ts';
import { Estimate, Response } from './estimates.ts';
import { byName, environment, numberOrNull, orNull, type Route, range, share, textOrNull, time } from './parts.ts';

const quantileInterval = z
  .object({ low: numberOrNull, high: numberOrNull })
  .nullable()
  .openapi({ description: '95 %; an end is null where so few values say nothing of it.' });
const quantilesMs = {
  p50Ms: numberOrNull,
  p95Ms: numberOrNull,
  p99Ms: numberOrNull.openapi({ description: 'Of 100 values and more.' }),
  intervalsMs: z.object({ p50: quantileInterval, p95: quantileInterval, p99: quantileInterval }),
};
export const tokenParts = {
  input: z.number(),
  cachedInput: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
  reasoning: z.number(),
};
export const spent = {
  value: z.number().openapi({ description: 'In units of the currency.' }),
  n: z.int().openapi({ description: 'How many it is the cost of.' }),
  coverage: share.openapi({ description: 'Share of those that used a model of which it is known what they cost.' }),
};
const Measures = z
  .object({
    measures: z.array(
      z.object({
        measure: z.enum(MEASURES),
        subject: textOrNull,
        objectives: z.array(z.string()).openapi({
          description: 'Names of the objectives on it: what is measured in several ways has a line for each of them.',
        }),
        response: orNull(Response).optional(),
        tooLate: z.int().optional().openapi({
          description:
            'Of what comes late: how many came more than seven days after their interaction. They correct these numbers, and are seen by no detector.',
        }),
        points: z.array(z.object({ at: time, estimate: Estimate })),
      }),
    ),
    latency: z.array(z.object({ at: time, n: z.int(), ...quantilesMs })),
    timeToFirstToken: z.array(z.object({ at: time, n: z.int(), ...quantilesMs })).openapi({
      description: 'Of interactions that did not fail and say when the first token came, from their start.',
    }),
    tokens: z
      .array(z.object({ at: time, n: z.int(), ...tokenParts }))
      .openapi({ description: '`n` interactions said how many they used. The parts do not overlap: they add up.' }),
    cost: z
      .array(z.object({ currency: z.string(), points: z.array(z.object({ at: time, ...spent })) }))
      .openapi({ description: 'What the calls of models cost, as far as it is known: `coverage` says how far.' }),
  })
  .openapi('Measures');

export type MeasuresJson = z.output<typeof Measures>;

export const MEASURE_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/services/{name}/measures',
    summary: 'What was measured of a service, step by step.',
    params: byName,
    query: z.object({ ...range, environment, step: z.enum(['1m', '1h', '1d']).optional() }),
    answer: Measures,
  },
];
