import { Overloaded, type SpanReceipt, type SpanSink } from '../../src/model/ingest.ts';
import type { Millis } from '../../src/model/time.ts';
import type { OtlpCounters } from './counters.ts';
import type { DecodedTraces, TraceDecoder } from './decode.ts';
import { MalformedJson } from './json.ts';
import { comeAgain, Refusal } from './refusal.ts';
import type { Rejected, Rejects } from './rejects.ts';
import type { TimeWindow } from './span-check.ts';
import { MalformedBody } from './wire.ts';

/** A request that was decoded. The bytes are the door's: whoever wants to keep them copies them. */
export interface ArrivedRequest {
  readonly protobuf: Buffer;
  readonly window: TimeWindow;
  readonly rejected: readonly Rejected[];
}

/** What a door for spans needs from the house. */
export interface ReceiverOptions {
  readonly sink: SpanSink;
  /** The decoder in force: another one after a change of configuration. */
  readonly decoder: () => TraceDecoder;
  readonly clock: () => Millis;
  /** How long stored spans are kept: ends before that are refused. */
  readonly retention: () => Millis;
  readonly counters: OtlpCounters;
  /** Told of each request that was decoded, before it is stored. */
  readonly tap?: (request: ArrivedRequest) => void;
  /** Told of what should not happen; the sender is asked to come again. */
  readonly report: (error: unknown) => void;
}

/** What becomes of an ExportTraceServiceRequest, whichever way it came in. */
export class TraceExport {
  readonly #options: ReceiverOptions;
  /** Set when the door closes: what comes then is asked to come again. */
  isClosing = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** @throws Refusal, Overloaded when a request would be read in vain just now */
  admit(): void {
    if (this.isClosing) throw comeAgain('PLIM_OTLP_CLOSING', 'this door is being closed');
    const overload = this.#options.sink.overload?.() ?? null;
    if (overload !== null) throw overload;
  }

  /** @throws MalformedBody */
  decode(protobuf: Buffer, rejects: Rejects): DecodedTraces {
    const window = { now: this.#options.clock(), retention: this.#options.retention() };
    const decoded = this.#options.decoder().decode(protobuf, window, rejects);
    this.#options.tap?.({ protobuf, window, rejected: decoded.rejected });
    return decoded;
  }

  /** Resolves when all that was decoded is durable. @throws Overloaded */
  async store({ records, count, aiSpans, links, rejected }: DecodedTraces): Promise<void> {
    const { sink, counters } = this.#options;
    const nothing: SpanReceipt = { stored: 0, duplicates: 0 };
    const { duplicates } = count === 0 ? nothing : await sink.submit({ records, count });
    counters.taken(aiSpans, links, duplicates);
    for (const { reason, count: spans } of rejected) counters.rejected(reason, spans);
  }

  refusalFor(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof Overloaded) return comeAgain('PLIM_OTLP_OVERLOADED', error.message, error.retryAfterSeconds);
    if (error instanceof MalformedBody || error instanceof MalformedJson)
      return new Refusal(
        'PLIM_OTLP_MALFORMED',
        `the body is no OTLP trace request: ${error.message}`,
        'nothing of it was kept; send an ExportTraceServiceRequest in the form that its content type names, and whole',
      );
    this.#options.report(error);
    return comeAgain('PLIM_OTLP_STORE', 'the spans could not be stored, nothing of them was kept');
  }
}
