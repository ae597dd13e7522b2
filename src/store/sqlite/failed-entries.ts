import { blindRoutes, concernsEntries, failedEntries, type Route } from '../../interactions/failed-entries.ts';
import type { Code } from '../../model/dictionary.ts';
import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Span } from '../../model/span.ts';
import { type Millis, type Minute, TENTHS_PER_MINUTE, type Tenths } from '../../model/time.ts';
import { REGROUP_TENTHS, type Regrouping, storedInteractions } from '../regroup.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import type { StoredSpan } from './parts.ts';

/** A request that failed without any AI span. */
export type FailedEntry = Pick<Span, 'traceId' | 'spanId' | 'service' | 'name' | 'endTenths' | 'weight'>;

/** What of a change of a trace is looked at. */
interface Change {
  readonly known: readonly StoredSpan[];
  readonly freshSpans: readonly Span[];
  readonly result: Pick<Regrouping, 'interactions'>;
}

/** Where others write beside this one: what they find out of routes. Inside the caller's transaction. */
export interface RouteGuard {
  /** Whether somebody has learned of a route that is not known here; until the transaction ends nobody else will. */
  isBlind(route: Route): boolean;
  /** Before a route is learned: what others are just storing of it can be seen afterwards. */
  beforeLearning(): void;
}

/** Counts one, or takes it back. */
type Counted = (entry: FailedEntry, sign: 1 | -1) => void;

/**
 * Requests that failed and left no AI span, and the routes on which such are failures of the AI: those below which there are
 * spans of libraries that send no failed call. Other routes' are kept for as long as a trace may be regrouped, because their
 * route may turn out to be one.
 */
export class FailedEntries {
  readonly #db: SqlDatabase;
  readonly #insert: SqlStatement;
  readonly #remove: SqlStatement;
  readonly #ofMinute: SqlStatement;
  readonly #ofRoute: SqlStatement;
  readonly #drop: SqlStatement;
  readonly #learned: SqlStatement;
  readonly #routes = new Set<string>();
  /** Earlier ones have been looked at: what counts stays for as long as spans do. */
  #droppedTo: Tenths = 0;

  readonly #guard: RouteGuard | null;

  /** @param guard  null: nobody else writes */
  constructor(db: SqlDatabase, guard: RouteGuard | null = null) {
    this.#db = db;
    this.#guard = guard;
    this.#insert = db.prepare('insert into failed_entry values (?, ?, ?, ?, ?, ?) on conflict do nothing');
    this.#remove = db.prepare('delete from failed_entry where "end" = ? and trace = ? and span = ?');
    this.#ofMinute = db.prepare(
      'select entry.* from failed_entry entry join blind_route using (service, route) where "end" >= ? and "end" < ?',
    );
    this.#ofRoute = db.prepare('select * from failed_entry where service = ? and route = ?');
    this.#learned = db.prepare('insert into blind_route values (?, ?) on conflict do nothing');
    this.#drop = db.prepare(
      'delete from failed_entry where "end" >= ? and "end" < ? and (service, route) not in (select service, route from blind_route)',
    );
    this.load();
  }

  /** Makes memory what the store says. */
  load(): void {
    this.#routes.clear();
    this.#droppedTo = 0;
    for (const row of this.#db.prepare('select service, route from blind_route').all())
      this.#routes.add(`${row['service']} ${row['route']}`);
  }

  /** Counts what a trace's new spans have shown, and takes back what they have explained. Inside the caller's transaction. */
  follow({ known, freshSpans, result }: Change, count: Counted): void {
    if (!freshSpans.some(concernsEntries) && !known.some(({ span }) => concernsEntries(span))) return;
    const stored = known.map(({ span }) => span);
    const spans = [...stored, ...freshSpans];
    const before = failedEntries(stored, storedInteractions(known).interactions);
    const after = failedEntries(spans, result.interactions);
    const idsOf = (list: readonly Span[]): Set<SpanId> => new Set(list.map(({ spanId }) => spanId));
    const [was, is] = [idsOf(before), idsOf(after)];
    for (const entry of before) if (!is.has(entry.spanId) && this.#take(entry) && this.#counts(entry)) count(entry, -1);
    for (const entry of after) if (!was.has(entry.spanId) && this.#add(entry) && this.#counts(entry)) count(entry, 1);
    for (const route of blindRoutes(spans)) this.#learn(route, count);
  }

  /** Those of a minute that count. */
  countedIn(minute: Minute): FailedEntry[] {
    return this.#ofMinute.all(minute * TENTHS_PER_MINUTE, (minute + 1) * TENTHS_PER_MINUTE).map(read);
  }

  /** Drops those of no known route that are too old to be explained. */
  tidy(now: Millis): void {
    const cutoff = Math.floor(now / 100) - REGROUP_TENTHS;
    this.#drop.run(this.#droppedTo, cutoff);
    this.#droppedTo = cutoff;
  }

  /** Comes behind the change of the entry, so that nobody learns of its route without seeing that. */
  #counts(route: Route): boolean {
    if (this.#isKnown(route)) return true;
    if (this.#guard?.isBlind(route) !== true) return false;
    this.#routes.add(`${route.service} ${route.name}`);
    return true;
  }

  #isKnown({ service, name }: Route): boolean {
    return this.#routes.has(`${service} ${name}`);
  }

  #add({ endTenths, traceId, spanId, service, name, weight }: Span): boolean {
    return this.#insert.run(endTenths, bytes(traceId), bytes(spanId), service, name, weight).changes > 0;
  }

  #take({ endTenths, traceId, spanId }: Span): boolean {
    return this.#remove.run(endTenths, bytes(traceId), bytes(spanId)).changes > 0;
  }

  /** A route is known to be one of these for the first time: what failed on it before counts from now on. */
  #learn(route: Route, count: Counted): void {
    if (this.#isKnown(route)) return;
    this.#guard?.beforeLearning();
    this.#routes.add(`${route.service} ${route.name}`);
    const { changes } = this.#learned.run(route.service, route.name);
    if (Number(changes) > 0) for (const row of this.#ofRoute.all(route.service, route.name)) count(read(row), 1);
  }
}

const bytes = (id: string): Uint8Array => Buffer.from(id, 'latin1');
const id = (blob: unknown): string => Buffer.from(blob as Uint8Array).toString('latin1');

const read = (row: Record<string, unknown>): FailedEntry => ({
  endTenths: row['end'] as Tenths,
  traceId: id(row['trace']),
  spanId: id(row['span']),
  service: row['service'] as Code,
  name: row['route'] as Code,
  weight: row['weight'] as number,
});

/** How many requests counted so of these resources since then, and the traces of the newest. */
export function failedEntriesSince(
  db: SqlDatabase,
  resources: readonly Code[],
  since: Tenths,
  examples: number,
): { n: number; traces: TraceId[] } {
  if (resources.length === 0) return { n: 0, traces: [] };
  const from = `from failed_entry join blind_route using (service, route)
    where "end" >= ? and service in (${resources.map(() => '?').join(', ')})`;
  const { n } = db.prepare(`select count(*) as n ${from}`).get(since, ...resources) as { n: number };
  const newest = db.prepare(`select trace ${from} order by "end" desc limit ?`).all(since, ...resources, examples);
  return { n, traces: newest.map((row) => id(row['trace'])) };
}

const BETWEEN_MAX = 1000;

/** The newest of those that count in these minutes, both inclusive. */
export const failedEntriesBetween = (db: SqlDatabase, from: Minute, to: Minute): FailedEntry[] =>
  db
    .prepare(
      `select entry.* from failed_entry entry join blind_route using (service, route)
       where "end" >= ? and "end" < ? order by "end" desc, trace, span limit ${BETWEEN_MAX}`,
    )
    .all(from * TENTHS_PER_MINUTE, (to + 1) * TENTHS_PER_MINUTE)
    .map(read);
