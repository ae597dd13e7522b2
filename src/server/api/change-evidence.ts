import { Router } from 'express';
import { isWithin } from '../../model/access.ts';
import { iso } from '../../model/time.ts';
import { readJump } from '../../store/records/fingerprints.ts';
import { readSighting } from '../../store/records/sightings.ts';
import { scopeFor } from '../access/guard.ts';
import type { ApiContext } from './context.ts';
import { notFound } from './problem.ts';

/** What speaks for a change that the traffic has shown and nobody has declared. */
export function changeEvidenceRoutes({ records }: ApiContext): Router {
  const router = Router();
  router.get('/changes/:id/evidence', async (request, response) => {
    const { id } = request.params;
    const found = (await readSighting(records, id)) ?? (await readJump(records, id));
    if (found === null || !isWithin(scopeFor(response, 'read'), found.service))
      throw notFound(`no change that was seen in the traffic is named ${JSON.stringify(id.slice(0, 64))}`);
    const { service, environment, type, evidence, description } = found;
    response.json({
      id,
      service,
      environment,
      type,
      description,
      evidence: {
        ...evidence,
        firstSeen: iso(evidence.firstSeen),
        ...('foundAt' in evidence && { foundAt: iso(evidence.foundAt) }),
      },
    });
  });
  return router;
}
