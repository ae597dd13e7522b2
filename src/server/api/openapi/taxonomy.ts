import { z } from 'zod';
import { MEASURES } from '../../../model/estimate.ts';
import type { Route } from './parts.ts';

export const References = z
  .object({
    nist: z.array(z.string()).openapi({ description: 'Risks of NIST AI 600-1.' }),
    avid: z.array(z.string()),
    atlas: z.array(z.string()).openapi({ description: 'Techniques of MITRE ATLAS.' }),
    owasp: z.array(z.string()).openapi({ description: 'Of the Top 10 for LLM applications.' }),
    art349: z
      .array(z.enum(['a', 'b', 'c', 'd']))
      .openapi({ description: 'Points of Art. 3(49) of the AI Act that such failures come closest to; no judgement.' }),
    serviceNow: z.array(z.string()).openapi({ description: 'Types of AI cases, the best first.' }),
  })
  .openapi('References', { description: 'What other taxonomies say to a category.' });
const Taxonomy = z
  .object({
    categories: z.array(z.object({ category: z.string(), codes: z.array(z.string()), references: References })),
    rules: z
      .array(z.object({ measures: z.array(z.enum(MEASURES)), when: z.string(), category: z.string() }))
      .openapi({ description: 'Where what was seen says more than the measure: the first that holds.' }),
  })
  .openapi('Taxonomy');

export const TAXONOMY_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/taxonomy',
    summary: 'What incidents are filed under, by which rules, and what other taxonomies say to it.',
    answer: Taxonomy,
  },
];
