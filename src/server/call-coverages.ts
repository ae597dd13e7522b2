import type { PlanBook } from '../catalog/plan-book.ts';
import type { CallCoverage } from '../model/call-metrics.ts';
import type { Code } from '../model/dictionary.ts';
import type { Minute } from '../model/time.ts';
import type { Reader } from '../store/reader.ts';
import { CallCoverageReader } from '../store/sqlite/call-coverage.ts';

/** How much of the calls that metrics know of came as spans, by what services are counted under. */
export class CallCoverages {
  readonly #reader: CallCoverageReader;
  readonly #plans: PlanBook;

  constructor(reader: Reader, plans: PlanBook) {
    this.#reader = new CallCoverageReader(reader);
    this.#plans = plans;
  }

  /** Of the services whose metrics count calls, each read when it is come to. @param horizon  the last judged minute */
  *all(horizon: Minute): Generator<[Code, CallCoverage]> {
    const resources = this.#reader.resources.filter((code) => this.#plans.resources.has(code));
    for (const [counted, of] of Map.groupBy(resources, (code) => this.#plans.countedOf(code))) {
      const coverage = this.#reader.of(counted, of, horizon);
      if (coverage !== null) yield [counted, coverage];
    }
  }

  /** Of one service; null when no metric counts its calls. @param resources  how telemetry names it */
  of(counted: Code, resources: readonly Code[], horizon: Minute): CallCoverage | null {
    return this.#reader.of(counted, resources, horizon);
  }
}
