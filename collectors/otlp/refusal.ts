import type { LimitName } from '../../src/model/config/limits.ts';

/** Codes of google.rpc.Status. @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** Why a request as a whole is not taken, as HTTP and google.rpc say it. Only what is 429 or 503 may be sent again. */
export const REFUSALS = {
  PLIM_OTLP_NOT_FOUND: { http: 404, rpc: UNIMPLEMENTED },
  PLIM_OTLP_METHOD: { http: 405, rpc: UNIMPLEMENTED },
  PLIM_OTLP_CONTENT_TYPE: { http: 415, rpc: INVALID_ARGUMENT },
  PLIM_OTLP_ENCODING: { http: 415, rpc: UNIMPLEMENTED },
  PLIM_OTLP_TOO_LARGE: { http: 413, rpc: RESOURCE_EXHAUSTED },
  PLIM_OTLP_TIMEOUT: { http: 408, rpc: DEADLINE_EXCEEDED },
  PLIM_OTLP_COMPRESSION: { http: 400, rpc: INVALID_ARGUMENT },
  PLIM_OTLP_MALFORMED: { http: 400, rpc: INVALID_ARGUMENT },
  PLIM_OTLP_UNAUTHENTICATED: { http: 401, rpc: UNAUTHENTICATED },
  PLIM_OTLP_FORBIDDEN: { http: 403, rpc: PERMISSION_DENIED },
  PLIM_OTLP_LOCKED: { http: 429, rpc: RESOURCE_EXHAUSTED },
  PLIM_OTLP_OVERLOADED: { http: 503, rpc: UNAVAILABLE },
  PLIM_OTLP_STORE: { http: 503, rpc: UNAVAILABLE },
  PLIM_OTLP_CLOSING: { http: 503, rpc: UNAVAILABLE },
} as const satisfies Record<string, { http: number; rpc: number }>;
export type RefusalCode = keyof typeof REFUSALS;

/** A request that is not taken, with what happened, what to do, and a code that stays the same. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** Headers that say more. */
  readonly headers: Readonly<Record<string, string>>;

  /** The one that bit, if it was one. */
  readonly limit: LimitName | null;

  constructor(
    code: RefusalCode,
    what: string,
    fix: string,
    headers: Readonly<Record<string, string>> = {},
    limit: LimitName | null = null,
  ) {
    super(`${what}: ${fix} (${code})`);
    this.code = code;
    this.headers = headers;
    this.limit = limit;
  }

  get httpStatus(): number {
    return REFUSALS[this.code].http;
  }

  get rpcCode(): number {
    return REFUSALS[this.code].rpc;
  }
}

/** Longer and the exporters' own deadline (10 s by default, retries included) would drop the batch. */
const MAX_RETRY_SECONDS = 3;

/** 503 with Retry-After, the one answer that every exporter retries. */
export function comeAgain(code: RefusalCode, what: string, seconds = 1, limit: LimitName | null = null): Refusal {
  const retryAfter = Math.min(Math.max(1, Math.ceil(seconds)), MAX_RETRY_SECONDS);
  const fix = `send the same again in ${retryAfter} s`;
  return new Refusal(code, what, fix, { 'retry-after': String(retryAfter) }, limit);
}
