import { Router } from 'express';
import { idOfHex, isTraceIdHex } from '../../model/ids.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';
import { cursorOf, environment, pageBefore, paging, placeOf, range, readQuery } from './query.ts';

/** Interactions without content: a service's, newest first, and all that is known of one trace. */
export function interactionRoutes(context: ApiContext): Router {
  const { present, reader } = context;
  const router = Router();
  router.get('/services/:name/interactions', (request, response) => {
    const query = readQuery({ ...range, ...paging, ...environment }, request.query);
    const from = Math.floor((query.from ?? 0) / 100);
    const before = query.cursor === undefined ? pageBefore(query.to ?? context.now() + 600_000) : placeOf(query.cursor);
    const resources = new Map<number, boolean>();
    const isWanted = (resource: number): boolean => {
      let wanted = resources.get(resource);
      if (wanted === undefined) {
        wanted =
          present.serviceNameOf(resource) === request.params.name &&
          (query.environment === undefined || present.identityOf(resource).environment === query.environment);
        resources.set(resource, wanted);
      }
      return wanted;
    };
    const { interactions, next } = reader.interactions((one) => isWanted(one.service), from, before, query.limit);
    response.json({
      interactions: interactions.map((one) => present.interaction(one)),
      ...(next === null ? {} : { nextCursor: cursorOf(next) }),
    });
  });
  router.get('/interactions/:traceId', async (request, response) => {
    const hex = request.params.traceId;
    if (!isTraceIdHex(hex)) throw badRequest(`a trace id has 32 hex digits, found ${JSON.stringify(hex.slice(0, 64))}`);
    const traceId = idOfHex(hex.toLowerCase());
    const rows = reader.trace(traceId, await context.writer.placesOf(traceId));
    const ratings = reader.ratingsOf(traceId).filter((rating) => rating.active);
    const shown = (type: string): unknown[] =>
      ratings.filter((one) => one.rating.type === type).map((one) => present.rating(one));
    response.json({
      interactions: rows.flatMap(({ judged }) =>
        judged.interaction === null ? [] : [present.interaction(judged.interaction)],
      ),
      calls: rows.flatMap(({ judged }) => (judged.call === null ? [] : [present.call(judged.call)])),
      feedback: shown('feedback'),
      evaluations: shown('evaluation'),
      labels: shown('label'),
    });
  });
  return router;
}
