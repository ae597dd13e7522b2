import { type Response, Router } from 'express';
import { confirmDueAt } from '../../catalog/record-overdue.ts';
import type { CountedService } from '../../model/names.ts';
import { iso } from '../../model/time.ts';
import { mayFor, whoAsks } from '../access/guard.ts';
import {
  ConfirmBody,
  confirmRecord,
  RECORDS_MAX,
  RecordBody,
  type RecordDesk,
  refused,
  sayRecord,
} from '../inventory/record.ts';
import { bodyOf } from './body.ts';
import type { ApiContext } from './context.ts';
import { recordedBy } from './inventory.ts';
import { calledAs } from './person.ts';
import { badRequest } from './problem.ts';
import { environment, readQuery } from './query.ts';
import { allServices, servicesNamed } from './services.ts';

/** The record of a service as it is said over the API, beside its file: read, said, and confirmed by who answers for it. */
export function serviceRecordRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/services/:name/record', (request, response) => {
    const query = readQuery({ ...environment }, request.query);
    const [service] = servicesNamed(context, request.params.name, query.environment);
    response.json(recordToJson(context, service!, response));
  });
  router.post('/services/:name/record', async (request, response) => {
    const body = bodyOf(RecordBody, request.body);
    const by = calledAs(whoAsks(response), body.person);
    await alone(context, request.params.name, body.environment, (service) => {
      const desk = deskOf(context, service, by);
      if (desk.known === null && context.register.size >= RECORDS_MAX)
        throw refused(`there are ${RECORDS_MAX} records already: write files for these services`);
      return sayRecord(desk, service, body);
    }).then((service) => response.json(recordToJson(context, service, response)));
  });
  router.post('/services/:name/confirm', async (request, response) => {
    const body = bodyOf(ConfirmBody, request.body);
    const by = calledAs(whoAsks(response), body.person);
    const { name } = request.params;
    servicesNamed(context, name, undefined);
    await alone(context, name, body.environment, (service) =>
      confirmRecord(deskOf(context, service, by), service, body.reason),
    ).then((service) => response.json(recordToJson(context, service, response)));
  });
  return router;
}

/** One step at a time, on what others have said by then. */
async function alone(
  context: ApiContext,
  name: string,
  environment: string | null | undefined,
  step: (service: CountedService) => Promise<void>,
): Promise<CountedService> {
  return context.alone(async () => {
    await context.renewRegister();
    const meant = meantBy(context, name, environment);
    if (context.register.unreadable.some((one) => one.service === name && one.environment === meant.environment))
      throw refused(`what was said of ${name} by another build can not be read by this one: take this build forward`);
    await step(meant);
    await context.renewRegister();
    return meant;
  });
}

/** The service that somebody speaks of: one that is known, or one that is not yet. @throws Problem */
function meantBy(context: ApiContext, name: string, environment: string | null | undefined): CountedService {
  if (name.length > 256) throw badRequest('a name has at most 256 characters');
  const known = allServices(context).filter((one) => one.name === name);
  if (environment === undefined) {
    if (known.length > 1)
      throw badRequest(
        `environment: ${name} is there in several, say which: ${known.map((one) => JSON.stringify(one.environment)).join(', ')}`,
      );
    return known[0] ?? { name, environment: '' };
  }
  const wanted = { name, environment: environment ?? '' };
  const isKnown = known.some((one) => one.environment === wanted.environment);
  if (!isKnown && context.catalog.byName(name) !== null)
    throw badRequest(`environment: the file of ${name} is for all environments: leave it out`);
  return wanted;
}

const deskOf = (
  { records, writeIncidents, now, register }: ApiContext,
  service: CountedService,
  by: RecordDesk['by'],
): RecordDesk => ({
  records,
  // Guarded as incidents are: another replica that was quicker is heard first.
  write: writeIncidents,
  now: now(),
  by,
  known: register.recordOf(service),
  spoken: register.spokenOf(service),
});

function recordToJson({ register, catalog, startedAt }: ApiContext, service: CountedService, response: Response) {
  const record = register.recordOf(service);
  const item = catalog.byName(service.name, service.environment) ?? register.aloneNamed(service);
  const due = item === null ? null : confirmDueAt(item, startedAt);
  return {
    service: service.name,
    environment: service.environment === '' ? null : service.environment,
    recordedBy: recordedBy({ register, catalog }, service),
    fields: record?.fields ?? {},
    conflicts: register.conflictsOf(service),
    confirmed: item?.confirmed ?? record?.confirmed ?? null,
    confirmDue: due === null ? null : iso(due),
    revision: record?.revision ?? 0,
    history: (record?.history ?? []).map((one) => ({ ...one, at: iso(one.at) })),
    mayChange: mayFor(response, 'approve', service.name),
  };
}
