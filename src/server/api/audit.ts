import { Router } from 'express';
import { z } from 'zod';
import { hex } from '../../compliance/audit/hash.ts';
import { headJson } from '../../compliance/audit/head.ts';
import { OperatorError } from '../../model/errors.ts';
import { iso } from '../../model/time.ts';
import { readKeys, readNewestHeads } from '../../store/audit/reading.ts';
import { whoAsks } from '../access/guard.ts';
import { bodyOf } from './body.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { firstOf, numberIn, paging, range, readQuery } from './query.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const Exported = z.strictObject({ from: moment.optional(), until: moment.optional() });
const Rotated = z.strictObject({ to: z.string().max(1024).optional() });
const Cut = z.strictObject({ before: moment });

/** The audit log: its entries, newest first, the heads over it, its keys; and what is done to it as a whole. */
export function auditRoutes(context: ApiContext): Router {
  const { records, audit } = context;
  const router = Router();
  router.get('/audit', async (request, response) => {
    const query = readQuery(
      { ...range, ...paging, type: z.string().optional(), actor: z.string().optional() },
      request.query,
    );
    const before = numberIn(query.cursor);
    let select = records
      .selectFrom('audit_entry')
      .select(['seq', 'entry', 'leaf'])
      .orderBy('seq', 'desc')
      .limit(query.limit + 1);
    if (before !== null) select = select.where('seq', '<', before);
    if (query.type !== undefined) select = select.where('type', '=', query.type);
    if (query.actor !== undefined) select = select.where('actor', '=', query.actor);
    if (query.from !== undefined) select = select.where('at', '>=', query.from);
    if (query.to !== undefined) select = select.where('at', '<', query.to);
    const { page, next } = firstOf(await select.execute(), query.limit, ({ seq }) => seq);
    response.json({ entries: page.map(({ entry, leaf }) => ({ ...JSON.parse(entry), leaf: hex(leaf) })), ...next });
  });
  router.get('/audit/heads', async (request, response) => {
    const { limit, cursor } = readQuery(paging, request.query);
    const heads = await readNewestHeads(records, limit + 1, numberIn(cursor));
    const { page, next } = firstOf(heads, limit, ({ id }) => id);
    response.json({ heads: page.map(headJson), ...next });
  });
  router.get('/audit/keys', async (_request, response) => {
    const keys = await readKeys(records);
    response.json({
      keys: keys.map(({ id, key, since }) => ({
        keyId: id,
        since: iso(since),
        pem: key.export({ type: 'spki', format: 'pem' }),
      })),
    });
  });
  router.post('/audit/exports', async (request, response) => {
    const { from = null, until = null } = bodyOf(Exported, request.body);
    response.json(headJson(await doing(() => audit.exported(whoAsks(response), { from, until }, context.now()))));
  });
  router.post('/audit/rotate-key', async (request, response) => {
    const { to = null } = bodyOf(Rotated, request.body);
    response.json(headJson(await doing(() => audit.rotate(to, whoAsks(response), context.now()))));
  });
  router.post('/audit/cut', async (request, response) => {
    const { before } = bodyOf(Cut, request.body);
    response.json({ entries: await doing(() => audit.cut(before, whoAsks(response), context.now())) });
  });
  return router;
}

/** What whoever runs Plimsoll can mend is told as it is. */
async function doing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new Problem(409, error.code, 'Not possible just now', `${error.what}; ${error.fix}`);
  }
}
