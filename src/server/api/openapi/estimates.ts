import { z } from 'zod';
import { ESTIMATE_STATUSES, MEASURES } from '../../../model/estimate.ts';
import { numberOrNull, orNull, share, textOrNull, time } from './parts.ts';

export const Sampled = z.object({ represents: z.number(), effective: z.number() }).openapi('Sampled', {
  description:
    'Only where traces are sampled: how many events those n stand for, and as how many of one weight they tell.',
});
export const Estimate = z
  .object({
    measure: z.enum(MEASURES),
    subject: textOrNull,
    method: z.string(),
    proxy: z.boolean(),
    value: numberOrNull.openapi({
      description: 'A share in [0, 1]; of trust an index from 0 to 100, of drift the adjusted PSI, of cost an amount.',
    }),
    low: numberOrNull,
    high: numberOrNull,
    level: share,
    n: z.int().openapi({ description: 'Events counted: as many as were seen.' }),
    sampled: Sampled.optional(),
    coverage: share.nullable(),
    maturity: share.nullable().openapi({
      description:
        'Share of the expected labels, ratings or scores that have come; 1 where nothing comes late, null while it is not known how late they come.',
    }),
    window: z.object({ from: time, to: time }),
    status: z.enum(ESTIMATE_STATUSES),
    adjusted: z
      .object({ value: z.number(), low: z.number(), high: z.number() })
      .optional()
      .openapi({ description: 'Corrected for labels still to come, where it is known how late they come.' }),
    note: z.string().optional().openapi({ description: 'What labels still to come mean for it, in words.' }),
    detail: z.record(z.string(), z.unknown()).optional().openapi({
      description:
        'What else the method has to say: of trust its components and the gap, of accuracy with a judge how well the judge goes with the labels.',
    }),
    between: z.tuple([z.string(), z.string()]).optional().openapi({
      description: 'Of a difference: the value of the dimension that has more, then the one that has less.',
    }),
  })
  .openapi('Estimate');
const Bounds = z.object({ low: share, high: share });
export const Response = z
  .object({
    responseRate: share,
    n: z.int(),
    amongRespondents: z.object({ value: share, low: share, high: share }),
    worstCase: Bounds.openapi({ description: 'Of all, whatever those who stayed silent would have said.' }),
    sensitivity: numberOrNull.openapi({
      description:
        'How much worse the silent ones may be before the target fails for all; null when the answers miss it.',
    }),
    postStratified: orNull(
      z.object({ value: share, low: share, high: share, dimension: z.string() }).openapi({
        description: 'Of all, if within each value of the dimension it is chance who answers.',
      }),
    ),
    claims: z.array(z.string()).openapi({ description: 'The same in plain words.' }),
  })
  .openapi('Response', { description: 'Of volunteers: what may be said about everybody. Null when nobody answered.' });
