export type { OtlpCounters } from './counters.ts';
export { type DecodedTraces, TraceDecoder } from './decode.ts';
export type { ReceiverOptions } from './exports.ts';
export { OtlpGrpcServer } from './grpc.ts';
export { OtlpHttpServer } from './http.ts';
export { REFUSALS, type RefusalCode } from './refusal.ts';
export type { RejectReason } from './rejects.ts';
