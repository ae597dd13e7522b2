/** What the OTLP/HTTP door takes at most. Sizes in bytes, times in milliseconds. */
export interface OtlpHttpLimits {
  /** Of a body, unpacked; counted while it is unpacked. OTLP recommends 64 MiB. */
  readonly maxBodyBytes: number;
  /** Of all bodies being read at a time: beyond it senders are asked to come again. */
  readonly maxBytesInFlight: number;
  readonly maxConnections: number;
  /** Until a request's headers are there. */
  readonly headersTimeout: number;
  /** Until its body is there. */
  readonly requestTimeout: number;
  /** How long an idle connection is kept: longer than the senders' own, so that they close it and not we. */
  readonly keepAliveTimeout: number;
  /** How often the two timeouts are looked after. */
  readonly timeoutCheckInterval: number;
}

const MIB = 1_048_576;

export const DEFAULT_LIMITS: OtlpHttpLimits = {
  maxBodyBytes: 64 * MIB,
  maxBytesInFlight: 128 * MIB,
  maxConnections: 4096,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 120_000,
  timeoutCheckInterval: 5_000,
};

/** What the OTLP/gRPC door takes at most. Sizes in bytes. */
export interface OtlpGrpcLimits {
  /** Of a message, unpacked; counted while it is unpacked. */
  readonly maxMessageBytes: number;
  /** Of all messages being decoded and stored at a time: beyond it senders are asked to come again. */
  readonly maxBytesInFlight: number;
  /** Calls at a time, of one connection. */
  readonly maxCalls: number;
}

export const DEFAULT_GRPC_LIMITS: OtlpGrpcLimits = {
  maxMessageBytes: 64 * MIB,
  maxBytesInFlight: 128 * MIB,
  maxCalls: 64,
};
