import type { SpanReceipt } from '../../src/model/ingest.ts';
import type { ReceiverOptions } from './exports.ts';
import { protobufOfTraces } from './json-traces.ts';
import type { OtlpSignal } from './signal.ts';

const NOTHING: SpanReceipt = { stored: 0, duplicates: 0 };

/** Spans, as a door takes them. */
export function tracesSignal({ sink, decoder, clock, retention, counters }: ReceiverOptions): OtlpSignal {
  return {
    name: 'traces',
    protobufOfJson: protobufOfTraces,
    decode: (protobuf, rejects) => {
      const window = { now: clock(), retention: retention() };
      const { records, count, aiSpans, links, rejected } = decoder().decode(protobuf, window, rejects);
      const store = async (): Promise<void> => {
        const { duplicates } = count === 0 ? NOTHING : await sink.submit({ records, count });
        counters.taken(aiSpans, links, duplicates);
        for (const { reason, count: spans } of rejected) counters.rejected(reason, spans);
      };
      return { count, rejected, store };
    },
  };
}
