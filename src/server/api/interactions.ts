import { Router } from 'express';
import { isWithin } from '../../model/access.ts';
import { idOfHex, isTraceIdHex } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import type { StoredRating } from '../../store/rating.ts';
import type { StoredSpan } from '../../store/sqlite/parts.ts';
import { scopeFor } from '../access/guard.ts';
import type { ApiContext } from './context.ts';
import { badRequest } from './problem.ts';
import { cursorOf, environment, paging, placeAt, placeOf, range, readQuery } from './query.ts';

/** No span ends later after now: a little more than the doors take. */
const AHEAD_MAX = 660_000;

function byStart({ span: a }: StoredSpan, { span: b }: StoredSpan): number {
  const startMs = (span: Span): number => span.endTenths * 100 + (span.endNanos - span.durationNanos) / 1e6;
  return startMs(a) - startMs(b) || (a.spanId < b.spanId ? -1 : 1);
}

/** Interactions without content: a service's, newest first, and all that is known of one trace. */
export function interactionRoutes(context: ApiContext): Router {
  const { present, reader } = context;
  const router = Router();
  router.get('/services/:name/interactions', (request, response) => {
    const query = readQuery({ ...range, ...paging, ...environment }, request.query);
    const from = placeAt(query.from ?? 0);
    const before = query.cursor === undefined ? placeAt(query.to ?? context.now() + AHEAD_MAX) : placeOf(query.cursor);
    const resources = new Map<number, boolean>();
    const isWanted = (resource: number): boolean => {
      let wanted = resources.get(resource);
      if (wanted === undefined) {
        wanted =
          present.namesOf(resource).includes(request.params.name) &&
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
    const rows = reader.trace(traceId, await context.writer.placesOf(traceId)).sort(byStart);
    const scope = scopeFor(response, 'read');
    const seen = rows.filter(({ span }) => isWithin(scope, present.serviceNameOf(span.service)));
    const isSeen = ({ owner }: StoredRating): boolean => seen.some(({ span }) => span.spanId === owner?.span);
    const ratings = reader.ratingsOf(traceId).filter((one) => scope === null || isSeen(one));
    const shown = (...types: string[]): unknown[] =>
      ratings.filter((one) => types.includes(one.rating.type)).map((one) => present.rating(one));
    response.json({
      interactions: seen.flatMap(({ judged }) =>
        judged.interaction === null ? [] : [present.interaction(judged.interaction)],
      ),
      calls: seen.flatMap(({ judged }) => (judged.call === null ? [] : [present.call(judged.call)])),
      feedback: shown('feedback'),
      evaluations: shown('evaluation', 'ranking'),
      labels: shown('label'),
    });
  });
  return router;
}
