import type { SpanReceipt } from '../../src/model/ingest.ts';
import type { ReceiverOptions } from './exports.ts';
import { protobufOfTraces } from './json-traces.ts';
import type { OtlpSignal } from './signal.ts';

const NOTHING: SpanReceipt = { stored: 0, duplicates: 0 };

/** Spans, as a door takes them. */
export function tracesSignal(options: ReceiverOptions): OtlpSignal {
  const { sink, decoder, clock, retention, counters, limits, tap } = options;
  return {
    name: 'traces',
    protobufOfJson: (body, rejects) => protobufOfTraces(body, rejects, limits?.maxValueDepth),
    decode: (protobuf, rejects, sender) => {
      const window = { now: clock(), retention: retention() };
      const decoded = decoder().decode(protobuf, window, rejects, sender);
      tap?.({ protobuf, window, rejected: decoded.rejected });
      const { records, count, aiSpans, links, cut, rejected, evaluations, rejectedEvaluations } = decoded;
      const storeSpans = async (): Promise<void> => {
        const { duplicates } = count === 0 ? NOTHING : await sink.submit({ records, count });
        counters.taken(aiSpans, links, duplicates);
      };
      const storeEvaluations = async (): Promise<void> => {
        if (evaluations.length > 0) counters.signals('evaluation', await sink.evaluate(evaluations));
      };
      const store = async (): Promise<void> => {
        await Promise.all([storeSpans(), storeEvaluations()]);
        for (const { reason, count: spans } of rejected) counters.rejected(reason, spans);
        for (const { count: events } of rejectedEvaluations) counters.signals('evaluation', { rejected: events });
      };
      return { count, cut, rejected, warnings: rejectedEvaluations, store };
    },
  };
}
