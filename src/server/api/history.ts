import { Router } from 'express';
import { z } from 'zod';
import { Overloaded } from '../../model/ingest.ts';
import { iso, MINUTES_PER_HOUR, millisOfMinute } from '../../model/time.ts';
import { InfluxFailure } from '../../sinks/influx/server.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { HELD_SECONDS } from '../../store/writer.ts';
import { whoAsks } from '../access/guard.ts';
import type { History, HistoryState } from '../history/history.ts';
import type { ApiContext } from './context.ts';
import { badRequest, notFound, Problem } from './problem.ts';

const Rebuild = z.strictObject({ since: z.iso.datetime({ offset: true }).optional() });

/** Where the history outside stands, and having it made again. */
export function historyRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/history', async (_request, response) => {
    const { history } = context;
    response.json(history === null ? {} : { history: historyJson(await history.state()) });
  });
  router.post('/history/rebuild', async (request, response) => {
    const history = historyOf(context);
    if (context.role() === 'follower')
      throw new Problem(
        409,
        'PLIM_HISTORY_ELSEWHERE',
        'Another replica writes it',
        'ask the replica that judges: it writes the history, GET /readyz says of each whether it does',
      );
    const { heldFor } = context.writer;
    if (heldFor !== null) throw new Overloaded(heldFor, HELD_SECONDS);
    const wanted = Rebuild.safeParse(request.body ?? {});
    if (!wanted.success) throw badRequest('since: expected a time like 2026-11-01T00:00:00Z, and nothing else');
    const { since } = wanted.data;
    try {
      const began = await history.rebuild(since === undefined ? null : Math.floor(Date.parse(since) / 1000));
      const from = iso(began * 1000);
      await context.write([auditEntry(whoAsks(response), 'history.rebuilt', { from }, context.now())]);
      response.json({ from, history: historyJson(await history.state()) });
    } catch (error) {
      history.run();
      if (!(error instanceof InfluxFailure)) throw error;
      throw new Problem(
        502,
        'PLIM_HISTORY_REFUSED',
        'The InfluxDB did not do it',
        `${error.message}; nothing more was taken away, ask again when it answers`,
      );
    }
  });
  return router;
}

function historyOf({ history }: ApiContext): History {
  if (history === null) throw notFound('no history is written: spec.history of the deployment file names an InfluxDB');
  return history;
}

export const historyJson = ({ marks, oldest, stopped, sweepHour }: HistoryState) => ({
  waiting: marks,
  oldest: oldest === null ? null : iso(millisOfMinute(oldest)),
  stopped,
  sweptTo: sweepHour === null ? null : iso(millisOfMinute(sweepHour * MINUTES_PER_HOUR)),
});
