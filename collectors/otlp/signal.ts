import type { Rejected, Rejects } from './rejects.ts';
import type { Sender } from './sender.ts';

/** What tells the kinds of telemetry apart at a door. @see https://opentelemetry.io/docs/specs/otlp/ */
export const SIGNALS = {
  traces: {
    path: '/v1/traces',
    rpc: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    request: 'ExportTraceServiceRequest',
    noun: 'trace',
    items: 'spans',
    rejectedKey: 'rejectedSpans',
  },
  logs: {
    path: '/v1/logs',
    rpc: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    request: 'ExportLogsServiceRequest',
    noun: 'log',
    items: 'log records',
    rejectedKey: 'rejectedLogRecords',
  },
  metrics: {
    path: '/v1/metrics',
    rpc: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    request: 'ExportMetricsServiceRequest',
    noun: 'metric',
    items: 'data points',
    rejectedKey: 'rejectedDataPoints',
  },
} as const;
export type SignalName = keyof typeof SIGNALS;

/** What a request held. */
export interface DecodedRequest {
  /** Items that are kept, or need not be. */
  readonly count: number;
  /** Items that are kept without some of their attributes: they have more than are read. */
  readonly cut?: number;
  readonly rejected: readonly Rejected[];
  /** What of items that are kept could not be used. */
  readonly warnings: readonly Rejected[];
  /** Resolves when all of it is durable and counted. @throws Overloaded */
  readonly store: () => Promise<void>;
}

/** One kind of telemetry as every door takes it. */
export interface OtlpSignal {
  readonly name: SignalName;
  /** @throws MalformedJson */
  readonly protobufOfJson: (body: Buffer, rejects: Rejects) => Buffer;
  /**
   * Nothing of what comes out lies in `protobuf` any more. `rejects`: where refused items are noted; some may be there already. `sender`: what of
   * it may be kept; null for all.
   * @throws MalformedBody
   */
  readonly decode: (protobuf: Buffer, rejects: Rejects, sender: Sender | null) => DecodedRequest;
}
