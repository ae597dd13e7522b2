import { Router } from 'express';
import { whoAsks } from '../access/guard.ts';
import { issueToken, NewToken, tokenToJson, withdrawToken } from '../access/new-token.ts';
import { bodyOf } from './body.ts';
import type { ApiContext } from './context.ts';
import { notFound } from './problem.ts';

/** Tokens of those who may come in: made, listed and taken back. A token itself is in one answer only, that which makes it. */
export function tokenRoutes(context: ApiContext): Router {
  const { records, now } = context;
  const { tokens } = context.access;
  const router = Router();
  router.get('/tokens', async (_request, response) => {
    await tokens.load();
    response.json({ tokens: tokens.all.map((token) => tokenToJson(token, now())) });
  });
  router.post('/tokens', async (request, response) => {
    const wanted = bodyOf(NewToken, request.body);
    const { token, record, statements } = issueToken(records, wanted, whoAsks(response), now());
    await context.write(statements);
    await tokens.load();
    response.set('Cache-Control', 'no-store').json({ ...tokenToJson(record, now()), token });
  });
  router.post('/tokens/:id/revoke', async (request, response) => {
    const { id } = request.params;
    await tokens.load();
    const known = tokens.byId(id);
    if (known === null)
      throw notFound(`no token is named ${JSON.stringify(id.slice(0, 64))}; GET /api/v1/tokens lists them`);
    if (known.revokedAt === null) await context.write(withdrawToken(records, id, whoAsks(response), now()));
    await tokens.load();
    response.json(tokenToJson(tokens.byId(id)!, now()));
  });
  return router;
}
