import { z } from 'zod';
import { CHANGE_TYPES } from '../../../model/signals.ts';
import { ChangeRequest, written } from './changes.ts';
import { type Route, share, spanId, time, traceId } from './parts.ts';

const target = {
  id: z.string().optional().openapi({ description: 'Your own name for it: sent twice it is one.' }),
  traceId: traceId.optional(),
  spanId: spanId.optional(),
  responseId: z.string().optional(),
  interactionId: z.string().optional().openapi({ description: "The application's own id, as it stands on a span." }),
  conversationId: z.string().optional(),
  service: z.string().optional(),
  at: time.optional().openapi({ description: 'When it was said; now when absent.' }),
};

const Feedback = z
  .object({
    ...target,
    kind: z.enum(['thumbs', 'stars', 'decision', 'escalation', 'reask', 'flag']),
    value: z.union([z.string(), z.number(), z.boolean()]).openapi({
      description:
        'thumbs: up, down; stars: 1 to 5; decision: accepted, overridden; escalation, reask: true, false; flag: unsafe, biased, hallucinated, wrong, other',
    }),
    comment: z.string().optional().openapi({ description: 'Content: read, and not kept.' }),
  })
  .openapi('Feedback');
const Evaluation = z
  .object({
    ...target,
    name: z.string(),
    score: z.number().optional(),
    label: z.string().optional(),
    relevance: z.array(z.number()).optional().openapi({
      description:
        'Instead of score and label: grades of the documents that were found, in the order shown; 0 is nothing.',
    }),
    judged: z.array(z.number()).optional().openapi({
      description: 'Grades of all documents that were judged, those in `relevance` among them.',
    }),
    evaluator: z.string(),
    evaluatorVersion: z.string().optional(),
    confidence: share.optional(),
  })
  .openapi('Evaluation');
const Label = z
  .object({
    ...target,
    name: z.string(),
    value: z.boolean(),
    source: z.string(),
    sampling: z.enum(['random', 'voluntary']).optional(),
  })
  .openapi('Label');
const Change = z
  .object({
    id: z.string().optional(),
    service: z.string(),
    environment: z.string().optional(),
    type: z.enum(CHANGE_TYPES),
    before: written.optional(),
    after: written.optional(),
    at: time.optional(),
    state: z.string().optional(),
    description: z.string().optional(),
  })
  .openapi('Change');
const Receipt = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    pending: z.int().openapi({ description: 'Stored, and joined when the interaction comes.' }),
    rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
  })
  .openapi('Receipt');

export const SIGNAL_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/feedback',
    summary: 'What people said about interactions.',
    body: z.object({ feedback: z.array(Feedback) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/evaluations',
    summary: 'What evaluators scored.',
    body: z.object({ evaluations: z.array(Evaluation) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/labels',
    summary: 'What is known to be true.',
    body: z.object({ labels: z.array(Label) }),
    answer: Receipt,
  },
  {
    method: 'post',
    path: '/changes',
    summary: 'Changes of models, prompts, tools: told of as a record, or with a kind asked for.',
    body: z.object({ changes: z.array(z.union([ChangeRequest, Change])) }),
    answer: Receipt,
  },
];
