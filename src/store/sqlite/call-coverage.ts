import type { CallCoverage } from '../../model/call-metrics.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { MINUTES_PER_DAY, type Minute, millisOfMinute } from '../../model/time.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { COUNT, extraWeight } from '../../tally/counters.ts';
import { count } from '../../tally/group.ts';
import type { Reader } from '../reader.ts';
import type { SqlStatement } from '../sql.ts';

/** Over how long calls are compared. */
const WINDOW_MINUTES = MINUTES_PER_DAY;
const MICRO = 1e6;
const DEPENDENCY = codeOfKnown('dependency');

interface Extent {
  readonly first: Minute | null;
  readonly last: Minute | null;
}

/** Holds the calls that metrics know of against those that came as spans. */
export class CallCoverageReader {
  readonly #reader: Reader;
  readonly #resources: SqlStatement;
  readonly #extent: SqlStatement;
  readonly #inMetrics: SqlStatement;
  readonly #kindOf: SqlStatement;
  readonly #kinds = new Map<Code, string | null>();

  constructor(reader: Reader) {
    this.#reader = reader;
    const { db } = reader;
    this.#resources = db.prepare('select distinct service from call_minute');
    this.#extent = db.prepare(
      'select min(minute) as first, max(minute) as last from call_minute where service = ? and minute between ? and ?',
    );
    this.#inMetrics = db.prepare(
      `select cast(sum(calls) as double precision) as calls, cast(sum(failed) as double precision) as failed from call_minute
       where service = ? and minute between ? and ? group by source order by 1 desc limit 1`,
    );
    this.#kindOf = db.prepare('select kind from dependency where code = ?');
  }

  /** Services, as telemetry names them, whose metrics count calls. */
  get resources(): Code[] {
    return (this.#resources.all() as { service: Code }[]).map(({ service }) => service);
  }

  /**
   * Over the last day, as far as both are known; null when no metric counts calls of the service.
   * @param counted    what its spans are counted under
   * @param resources  how telemetry names it
   * @param horizon    the last minute of which all is settled
   */
  of(counted: Code, resources: readonly Code[], horizon: Minute): CallCoverage | null {
    const since = horizon - WINDOW_MINUTES + 1;
    const extents = resources.map((resource) => this.#extent.get(resource, since, horizon) as unknown as Extent);
    const to = Math.max(...extents.map(({ last }) => last ?? -1));
    if (to < 0) return null;
    const first = Math.min(...extents.map(({ first }) => first ?? to));
    // Where metrics were there before the first span, nothing was to be seen yet.
    const from = Math.max(first, this.#reader.firstMinute(counted) ?? 0);
    if (to < from) return null;
    let inMetrics = 0;
    let failedInMetrics = 0;
    for (const resource of resources) {
      const most = this.#inMetrics.get(resource, from, to) as { calls: number; failed: number } | undefined;
      inMetrics += most?.calls ?? 0;
      failedInMetrics += most?.failed ?? 0;
    }
    const { seen, represented } = this.#calls(counted, from, to);
    return {
      from: millisOfMinute(from),
      to: millisOfMinute(to + 1),
      inMetrics,
      failedInMetrics,
      asSpans: Math.round(represented),
      weight: seen === 0 ? 1 : represented / seen,
    };
  }

  /** Calls of models that came as spans, and how many these stand for. */
  #calls(counted: Code, from: Minute, to: Minute): { seen: number; represented: number } {
    let seen = 0;
    let extra = 0;
    for (const { value, tally } of this.#reader.slicesOf('minute', EVENT_CLOCK, counted, DEPENDENCY, from, to)) {
      if (this.#kind(value) !== 'model') continue;
      seen += count(tally, COUNT);
      extra += extraWeight(tally, COUNT);
    }
    return { seen, represented: seen + extra / MICRO };
  }

  /** A dependency has one kind for good. */
  #kind(dependency: Code): string | null {
    let kind = this.#kinds.get(dependency);
    if (kind === undefined) {
      kind = ((this.#kindOf.get(dependency) as { kind: string } | undefined)?.kind ?? null) as string | null;
      if (kind !== null) this.#kinds.set(dependency, kind);
    }
    return kind;
  }
}
