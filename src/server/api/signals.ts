import { createHash } from 'node:crypto';
import { type Request, Router } from 'express';
import { ZodError } from 'zod';
import { Change } from '../../model/signals.ts';
import type { NewRating } from '../../store/rating.ts';
import { statement } from '../../store/records/records.ts';
import { labelsOf } from '../metrics/names.ts';
import { detailOf, type RatingReader, readEvaluation, readFeedback, readLabel } from '../ratings.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';

/** Items one request may hold. */
const ITEMS_MAX = 10_000;

interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly detail: string;
}

interface Receipt {
  accepted: number;
  duplicates: number;
  pending: number;
  readonly rejected: Rejection[];
}

/** The list that a body holds under its one key. */
function itemsOf(request: Request, key: string): unknown[] {
  const body: unknown = request.body;
  const items = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
  if (!Array.isArray(items))
    throw badRequest(`expected a JSON object like {"${key}": [ ... ]} with content-type application/json`);
  if (items.length > ITEMS_MAX)
    throw badRequest(`${items.length} items, at most ${ITEMS_MAX} in one request: send them in several`);
  return items;
}

/** Feedback, evaluations, labels and changes: answered after they are durable. */
export function signalRoutes(context: ApiContext): Router {
  const router = Router();
  const ratings: [string, string, RatingReader][] = [
    ['/feedback', 'feedback', readFeedback],
    ['/evaluations', 'evaluations', readEvaluation],
    ['/labels', 'labels', readLabel],
  ];
  for (const [path, key, read] of ratings)
    router.post(path, async (request, response) => {
      response.json(counted(context, key, await takeRatings(context, itemsOf(request, key), read)));
    });
  router.post('/changes', async (request, response) => {
    response.json(counted(context, 'changes', await takeChanges(context, itemsOf(request, 'changes'))));
  });
  return router;
}

/** Plural to the name of one, as metrics know it. */
const SIGNALS: Readonly<Record<string, string>> = {
  feedback: 'feedback',
  evaluations: 'evaluation',
  labels: 'label',
  changes: 'change',
};

function counted({ metrics }: ApiContext, key: string, receipt: Receipt): Receipt {
  const { accepted, duplicates, pending, rejected } = receipt;
  metrics.self.signals(SIGNALS[key]!, {
    stored: accepted + pending,
    duplicate: duplicates,
    rejected: rejected.length,
  });
  return receipt;
}

/** Reads each item for itself: a bad one is named and the others are taken. */
function readEach<T>(items: readonly unknown[], receipt: Receipt, read: (item: unknown) => T): T[] {
  return items.flatMap((item, index) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof ZodError)) throw error;
      receipt.rejected.push({ index, code: 'PLIM_SIGNAL_INVALID', detail: detailOf(error, item) });
      return [];
    }
  });
}

const emptyReceipt = (): Receipt => ({ accepted: 0, duplicates: 0, pending: 0, rejected: [] });

async function takeRatings(context: ApiContext, items: readonly unknown[], read: RatingReader): Promise<Receipt> {
  const receipt = emptyReceipt();
  const now = context.now();
  const valid: NewRating[] = readEach(items, receipt, (item) => read(item, context.dictionary, now));
  if (valid.length === 0) return receipt;
  for (const outcome of await context.intake.rate(valid)) {
    if (outcome === 'duplicate') receipt.duplicates++;
    else if (outcome === 'pending') receipt.pending++;
    else receipt.accepted++;
  }
  return receipt;
}

async function takeChanges(context: ApiContext, items: readonly unknown[]): Promise<Receipt> {
  const receipt = emptyReceipt();
  const now = context.now();
  const changes = readEach(items, receipt, (item) => Change.parse(item));
  const rows = changes.map((change) => ({
    id: change.id ?? `change-${digest(change)}`,
    service: change.service,
    environment: change.environment ?? null,
    type: change.type,
    before: change.before === undefined ? null : JSON.stringify(change.before),
    after: change.after === undefined ? null : JSON.stringify(change.after),
    at: change.at ?? now,
    state: change.state ?? 'implemented',
    description: change.description ?? null,
    origin: 'declared' as const,
  }));
  if (rows.length === 0) return receipt;
  const written = await context.write(
    rows.map((row) =>
      statement(
        context.records
          .insertInto('change')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing()),
      ),
    ),
  );
  for (const [i, n] of written.entries()) {
    if (n === 0) receipt.duplicates++;
    else {
      receipt.accepted++;
      context.metrics.live.change(labelsOf(rows[i]!), rows[i]!.type);
    }
  }
  context.events.send('change', {});
  return receipt;
}

/** A change without an id is known by what it says: sent twice it is one. */
const digest = (change: unknown): string =>
  createHash('sha256').update(JSON.stringify(change)).digest('hex').slice(0, 24);
