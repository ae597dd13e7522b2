import { Router } from 'express';
import { OperatorError } from '../../model/errors.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { whoAsks } from '../access/guard.ts';
import type { Moving } from '../moving.ts';
import type { ApiContext } from './context.ts';
import { MoveStep } from './move-step.ts';
import { badRequest, Problem } from './problem.ts';

/** The steps by which `plimsoll migrate` moves the store of a running Plimsoll (src/server/moving.ts). */
export function moveRoutes({ moving, write, now }: Pick<ApiContext, 'moving' | 'write' | 'now'>): Router {
  const router = Router();
  router.post('/store/move', async (request, response) => {
    const asked = MoveStep.safeParse(request.body ?? {});
    if (!asked.success) throw badRequest('expected {"step":"begin","to"} or {"step":"renew|hold|release|leave","id"}');
    if (moving === null)
      throw new Problem(409, 'PLIM_COPY_ENGINE', 'Nothing to move', 'the store is in PostgreSQL already');
    try {
      const id = await taken(moving, asked.data);
      if (asked.data.step === 'begin') await write([auditEntry(whoAsks(response), 'store.move_begun', { id }, now())]);
      response.json({ id, phase: moving.phase });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      throw new Problem(409, error.code, error.what, error.fix);
    }
  });
  return router;
}

/** @returns the id of the move */
async function taken(moving: Moving, asked: MoveStep): Promise<string> {
  if (asked.step === 'begin') return moving.begin(asked.to);
  await moving[asked.step](asked.id);
  return asked.id;
}
