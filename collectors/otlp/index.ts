export { DEFAULT_GRPC_LIMITS, DEFAULT_LIMITS, type OtlpGrpcLimits, type OtlpHttpLimits } from './config.ts';
export type { OtlpCounters } from './counters.ts';
export { type DecodedTraces, TraceDecoder } from './decode.ts';
export { type OtlpGrpcOptions, OtlpGrpcServer } from './grpc.ts';
export { type OtlpHttpOptions, OtlpHttpServer } from './http.ts';
export { REFUSALS, type RefusalCode } from './refusal.ts';
export type { RejectReason } from './rejects.ts';
