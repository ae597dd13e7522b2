import { createHash } from 'node:crypto';
import { type Request, Router } from 'express';
import { ZodError } from 'zod';
import { AccessRefused, isWithin, type Principal, type ServiceScope, scopeOf } from '../../model/access.ts';
import type { ChangeRecord } from '../../model/change.ts';
import { hasKind, NewChange } from '../../model/new-change.ts';
import { Change } from '../../model/signals.ts';
import type { Statement } from '../../store/items.ts';
import type { NewRating } from '../../store/rating.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { knownChanges } from '../../store/records/changes.ts';
import { type Records, statement } from '../../store/records/records.ts';
import { principalOf, scopeFor } from '../access/guard.ts';
import { requested, requestStatements } from '../changes/desk.ts';
import { oddReference } from '../changes/references.ts';
import { reviewStatements } from '../changes/told.ts';
import { ownedId } from '../inbound/deployments.ts';
import { takeTold } from '../inbound/standings.ts';
import { labelsOf } from '../metrics/names.ts';
import { detailOf, identityWithin, type RatingReader, readEvaluation, readFeedback, readLabel } from '../ratings.ts';
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
      const receipt = await takeRatings(context, itemsOf(request, key), read, scopeFor(response, 'send'));
      response.json(counted(context, key, receipt));
    });
  router.post('/changes', async (request, response) => {
    const receipt = await takeChanges(context, itemsOf(request, 'changes'), principalOf(response));
    response.json(counted(context, 'changes', receipt));
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
      if (error instanceof AccessRefused) {
        receipt.rejected.push({ index, code: 'PLIM_ACCESS_FORBIDDEN', detail: `${error.message}: ${error.fix}` });
        return [];
      }
      if (!(error instanceof ZodError)) throw error;
      receipt.rejected.push({ index, code: 'PLIM_SIGNAL_INVALID', detail: detailOf(error, item) });
      return [];
    }
  });
}

const emptyReceipt = (): Receipt => ({ accepted: 0, duplicates: 0, pending: 0, rejected: [] });

async function takeRatings(
  context: ApiContext,
  items: readonly unknown[],
  read: RatingReader,
  scope: ServiceScope,
): Promise<Receipt> {
  const receipt = emptyReceipt();
  const now = context.now();
  const valid: NewRating[] = readEach(items, receipt, (item) =>
    readWithin(item, scope, (one) => read(one, context.dictionary, now)),
  );
  if (valid.length === 0) return receipt;
  for (const outcome of await context.intake.rate(valid)) {
    if (outcome === 'duplicate') receipt.duplicates++;
    else if (outcome === 'pending') receipt.pending++;
    else receipt.accepted++;
  }
  return receipt;
}

/**
 * Who may send for some services only says of which one an interaction is: it is looked for among those of that one, and what was said
 * under the same name about another is never replaced by it. @throws ZodError, AccessRefused
 */
function readWithin(item: unknown, scope: ServiceScope, read: (item: unknown) => NewRating): NewRating {
  if (scope === null) return read(item);
  const [only, ...more] = scope;
  const rating = read(more.length === 0 && isObject(item) ? { service: only, ...item } : item);
  const { service } = rating.target;
  if (!scope.has(service))
    throw new AccessRefused(
      'forbidden',
      service === '' ? 'this token is for some services' : `this token is not for the service ${service}`,
      `say in "service" which of them it is: ${[...scope].join(', ')}`,
    );
  return { ...rating, identity: identityWithin(rating.identity, service) };
}

/** Of a long text or list an object would be made with as many keys. */
const isObject = (item: unknown): item is object => typeof item === 'object' && item !== null && !Array.isArray(item);

function requireWithin(service: string, scope: ServiceScope): void {
  if (isWithin(scope, service)) return;
  throw new AccessRefused('forbidden', `this token is not for the service ${service}`, 'use one that is');
}

/** @throws ZodError  as for everything that can't be read */
function requireFit(change: Change | NewChange, scope: ServiceScope, { hooks }: ApiContext): void {
  const callers = hooks.callers();
  const refs = 'externalRefs' in change ? change.externalRefs : {};
  const message = ownedId(idOf(change, scope), callers) ?? oddReference(refs, callers);
  if (message !== null) throw new ZodError([{ code: 'custom', path: [], message, input: change }]);
}

async function takeChanges(context: ApiContext, items: readonly unknown[], by: Principal): Promise<Receipt> {
  const receipt = emptyReceipt();
  const scope = scopeOf(by, 'send');
  const read = readEach(items, receipt, (item) => {
    const change = hasKind(item) ? NewChange.parse(item) : Change.parse(item);
    requireWithin(change.service, scope);
    requireFit(change, scope, context);
    return change;
  });
  const isAsked = (change: Change | NewChange): change is NewChange => 'kind' in change;
  await takeRequests(context, read.filter(isAsked), by, scope, receipt);
  const declared = read.filter((change): change is Change => !isAsked(change));
  await takeDeclared(context, declared, by, scope, receipt);
  return receipt;
}

/** Changes that are told of after they were made. What was asked for under the same id happens when somebody starts it. */
async function takeDeclared(
  context: ApiContext,
  changes: readonly Change[],
  by: Principal,
  scope: ServiceScope,
  receipt: Receipt,
): Promise<void> {
  if (changes.length === 0) return;
  const { records, catalog, writeIncidents } = context;
  const now = context.now();
  const rows = changes.map((change) => ({
    id: idOf(change, scope),
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
  const fresh = await context.alone(async () => {
    const unknown = await unknownOf(records, rows);
    const inserts = unknown.map((row) =>
      statement(
        records
          .insertInto('change')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing()),
      ),
    );
    const entries = unknown.map(({ id, service, type, state }) =>
      auditEntry(by.actor, 'change.declared', { id, service, type, state }, now),
    );
    const reviews = unknown.flatMap((row) => reviewStatements(records, catalog.services, row, by.actor, now));
    if (unknown.length > 0) await writeIncidents([...inserts, ...entries, ...reviews]);
    return unknown;
  });
  receipt.accepted += fresh.length;
  receipt.duplicates += rows.length - fresh.length;
  for (const row of fresh) context.metrics.live.change(labelsOf(row), row.type);
  context.events.send('change', {});
}

/** Those that nobody has told of or asked for; of several with one id the first. */
async function unknownOf<T extends { readonly id: string }>(records: Records, changes: readonly T[]): Promise<T[]> {
  const first = new Map(changes.toReversed().map((one) => [one.id, one]));
  const { told, asked } = await knownChanges(records, [...first.keys()]);
  return changes.filter((one) => first.get(one.id) === one && !told.has(one.id) && !asked.has(one.id));
}

/** Changes that are asked for: each is assessed and approved before it is made. */
async function takeRequests(
  context: ApiContext,
  wanted: readonly NewChange[],
  by: Principal,
  scope: ServiceScope,
  receipt: Receipt,
): Promise<void> {
  if (wanted.length === 0) return;
  const { records, now, writeIncidents, hooks, metrics } = context;
  const changes = wanted.map((one) => requested(idOf(one, scope), one, by.actor, now()));
  const accepted = await context.alone(async () => {
    const fresh = await unknownOf(records, changes);
    const statements: Statement[] = [];
    const begun: ChangeRecord[] = [];
    for (const change of fresh) {
      const heard = await takeTold({ ...context, callers: hooks.callers() }, change);
      statements.push(...requestStatements(records, change, now()), ...heard.statements);
      if (heard.change.startedAt !== null) begun.push(heard.change);
    }
    if (fresh.length > 0) await writeIncidents(statements);
    return { n: fresh.length, begun };
  });
  receipt.accepted += accepted.n;
  receipt.duplicates += changes.length - accepted.n;
  for (const change of accepted.begun) metrics.live.change(labelsOf(change), change.type);
  context.events.send('change', {});
}

/** An id that was chosen for some services only is theirs: nobody takes the one of another service's change before it comes. */
function idOf(change: Change | NewChange, scope: ServiceScope): string {
  if (change.id === undefined) return `change-${digest(change)}`;
  return scope === null ? change.id : `${change.service}/${change.id}`;
}

/** A change without an id is known by what it says: sent twice it is one. */
const digest = (change: unknown): string =>
  createHash('sha256').update(JSON.stringify(change)).digest('hex').slice(0, 24);
