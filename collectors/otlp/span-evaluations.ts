import type { TelemetryEvaluation } from '../../src/model/ingest.ts';
import type { AttributeReader } from './attributes.ts';
import { EvaluationReader } from './evaluations.ts';
import { millisOf } from './nanos.ts';
import { type Rejected, Rejects } from './rejects.ts';
import type { SpanFrame } from './span-frame.ts';
import type { Wire } from './wire.ts';

const TIME = (1 << 3) | 1;
const ATTRIBUTE = (3 << 3) | 2;

/** Reads the evaluations among the events of spans that are kept. */
export class SpanEvaluations {
  readonly #wire: Wire;
  readonly #reader: EvaluationReader;
  #found: TelemetryEvaluation[] = [];
  #rejects = new Rejects();

  readonly #max: number;

  /** @param max  read of a request; the others are noted as rejected */
  constructor(wire: Wire, attributes: AttributeReader, max: number) {
    this.#wire = wire;
    this.#max = max;
    this.#reader = new EvaluationReader(wire, attributes);
  }

  /** What was read since the last time, and what could not be. */
  take(): { evaluations: TelemetryEvaluation[]; rejected: Rejected[] } {
    const taken = { evaluations: this.#found, rejected: this.#rejects.list };
    if (taken.evaluations.length > 0) this.#found = [];
    if (taken.rejected.length > 0) this.#rejects = new Rejects();
    return taken;
  }

  /**
   * Leaves the cursor where it is. @param places  where each begins and ends, pair by pair
   * @param service  of which they are held to be; undefined: of whichever the span is
   */
  read(places: readonly number[], { traceAt, spanAt }: SpanFrame, service?: string): void {
    const wire = this.#wire;
    const { at, buffer } = wire;
    const traceId = buffer.toString('hex', traceAt, traceAt + 16);
    const spanId = buffer.toString('hex', spanAt, spanAt + 8);
    for (let i = 0; i < places.length; i += 2) {
      wire.at = places[i]!;
      const time = this.#readEvent(places[i + 1]!);
      const evaluation =
        this.#found.length < this.#max
          ? this.#reader.evaluation({ traceId, spanId, at: time || null, scope: null })
          : ({ fault: 'too many', example: `span ${spanId} of trace ${traceId}` } as const);
      if ('fault' in evaluation) this.#rejects.add(evaluation.fault, () => evaluation.example);
      else this.#found.push(service === undefined ? evaluation : { ...evaluation, service });
    }
    wire.at = at;
  }

  /** @returns its time, ms */
  #readEvent(end: number): number {
    const wire = this.#wire;
    const { attributes } = this.#reader;
    attributes.clear();
    let time = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === ATTRIBUTE) attributes.read(wire.messageEnd(end));
      else if (tag === TIME) time = millisOf(wire.uint32(end), wire.uint32(end));
      else wire.skip(tag, end);
    }
    return time;
  }
}
