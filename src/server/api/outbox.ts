import { Router } from 'express';
import { z } from 'zod';
import { isWithin } from '../../model/access.ts';
import { OperatorError } from '../../model/errors.ts';
import { scopeFor, whoAsks } from '../access/guard.ts';
import { destinationToJson, standings } from '../delivery/destinations.ts';
import { discardMessage, listMessages, type OutboxDesk, replayMessage } from '../delivery/outbox-desk.ts';
import type { ApiContext } from './context.ts';
import { badRequest, notFound, Problem } from './problem.ts';
import { firstOf, numberIn, paging, readQuery } from './query.ts';

const STATES = ['pending', 'dead', 'delivered', 'superseded', 'discarded'] as const;
const Discard = z.strictObject({ reason: z.string().trim().min(1).max(1024) });

/** What waits for its destinations and what was given up; people send it again or drop it. */
export function outboxRoutes(context: ApiContext): Router {
  const router = Router();
  const deskFor = (by: OutboxDesk['by']): OutboxDesk => ({
    records: context.records,
    write: context.write,
    sinks: context.deliveries.sinks(),
    now: context.now(),
    by,
  });

  router.get('/outbox', async (request, response) => {
    const { limit, cursor, state, sink, incident } = readQuery(
      {
        ...paging,
        state: z.enum(STATES).optional(),
        sink: z.string().max(256).optional(),
        incident: z.string().max(64).optional(),
      },
      request.query,
    );
    const before = numberIn(cursor) ?? undefined;
    const scope = scopeFor(response, 'read');
    const messages = await listMessages(context.records, {
      states: state === undefined ? ['pending', 'dead'] : [state],
      sink,
      incident,
      services: scope === null ? null : [...scope],
      limit: limit + 1,
      before,
    });
    const { page, next } = firstOf(messages, limit, ({ id }) => id);
    response.json({ messages: page, ...next });
  });

  router.post('/outbox/:id/replay', async (request, response) => {
    const scope = scopeFor(response, 'respond');
    const replayed = await asProblem(() =>
      replayMessage(deskFor(whoAsks(response)), request.params.id, (service) => isWithin(scope, service)),
    );
    context.wakeDelivery();
    response.json(replayed);
  });

  router.post('/outbox/:id/discard', async (request, response) => {
    const body = Discard.safeParse(request.body ?? {});
    if (!body.success) throw badRequest('reason: expected why it is not to be sent, at most 1024 characters');
    const scope = scopeFor(response, 'respond');
    const discarded = await asProblem(() =>
      discardMessage(deskFor(whoAsks(response)), request.params.id, body.data.reason, (service) =>
        isWithin(scope, service),
      ),
    );
    context.wakeDelivery();
    response.json(discarded);
  });

  router.get('/destinations', async (_request, response) => {
    const known = await standings(context.deliveries);
    response.json({ destinations: known.map((one) => destinationToJson(one, context.now())) });
  });
  return router;
}

async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    if (error.code === 'PLIM_OUTBOX_UNKNOWN') throw notFound(`${error.what}; GET /api/v1/outbox lists them`);
    throw new Problem(409, error.code, 'Not possible in this state', `${error.what}; ${error.fix}`);
  }
}
