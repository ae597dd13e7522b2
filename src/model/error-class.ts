/** Classes that foreign error names are folded into: names differ per SDK for one and the same failure. */
export const ERROR_CLASSES = ['rate_limit', 'timeout', 'auth', 'server', 'content', 'client', 'other'] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** What whoever asked has cancelled. .NET calls a limit of time that has passed `TaskCanceledException`, too: that is none. */
const CANCELLED =
  /abort.?(error|exception)|response.?aborted|(?<!task)cancel(l?ed|lation)|generator.?exit|client.?(closed.?request|disconnect)/i;

const BY_NAME: readonly (readonly [RegExp, ErrorClass])[] = [
  [/rate.?limit|throttl|too.?many|quota|resource.?exhausted|^requests$|^429$/i, 'rate_limit'],
  [/time.?out|timed.?out|deadline|etimedout|^408$|^504$/i, 'timeout'],
  [/auth|permission|forbidden|api.?key|credential|^40[13]$/i, 'auth'],
  // Of a guardrail, too: it has decided nothing.
  [/failed.?to.?respond/i, 'server'],
  [/content.?(filter|policy)|safety|moderation|refus|guardrail|blocked/i, 'content'],
  [
    /invalid|bad.?request|not.?found|unprocessable|validation|context.?(length|window)|schema|parse|type.?error|^4\d\d$/i,
    'client',
  ],
  [CANCELLED, 'client'],
  [/server|unavailable|overload|internal|connection|network|econn|enotfound|socket|bad.?gateway|^5\d\d$/i, 'server'],
];

/**
 * @param errorType   raw `error.type` or exception type, '' when unnamed
 * @param httpStatus  0 when absent; wins where present, because it is the same for every SDK
 */
export function errorClassOf(errorType: string, httpStatus: number): ErrorClass {
  if (httpStatus === 429) return 'rate_limit';
  if (httpStatus === 408 || httpStatus === 504) return 'timeout';
  if (httpStatus === 401 || httpStatus === 403) return 'auth';
  const named = BY_NAME.find(([pattern]) => pattern.test(errorType))?.[1];
  if (named === 'content') return named;
  if (httpStatus >= 500) return 'server';
  if (httpStatus >= 400) return 'client';
  return named ?? 'other';
}

/** Classes that finish reasons are folded into. */
export const FINISH_CLASSES = ['stop', 'length', 'tool_calls', 'content_filter', 'error', 'other'] as const;
export type FinishClass = (typeof FINISH_CLASSES)[number];

const FINISH: ReadonlyMap<string, FinishClass> = new Map(
  Object.entries({
    stop: 'stop',
    end_turn: 'stop',
    endturn: 'stop',
    stop_sequence: 'stop',
    complete: 'stop',
    completed: 'stop',
    endoftext: 'stop',
    eos: 'stop',
    eos_token: 'stop',
    finish: 'stop',
    length: 'length',
    max_tokens: 'length',
    max_output_tokens: 'length',
    model_length: 'length',
    model_context_window_exceeded: 'length',
    tool_calls: 'tool_calls',
    // As OpenTelemetry's conventions have it.
    tool_call: 'tool_calls',
    'tool-calls': 'tool_calls',
    tool_use: 'tool_calls',
    tooluse: 'tool_calls',
    function_call: 'tool_calls',
    content_filter: 'content_filter',
    'content-filter': 'content_filter',
    safety: 'content_filter',
    refusal: 'content_filter',
    guardrail_intervened: 'content_filter',
    content_filtered: 'content_filter',
    blocklist: 'content_filter',
    prohibited_content: 'content_filter',
    spii: 'content_filter',
    recitation: 'content_filter',
    image_safety: 'content_filter',
    image_prohibited_content: 'content_filter',
    image_recitation: 'content_filter',
    jailbreak: 'content_filter',
    model_armor: 'content_filter',
    error_toxic: 'content_filter',
    error: 'error',
    failed: 'error',
    malformed_function_call: 'error',
    unknown_error: 'error',
  } satisfies Record<string, FinishClass>),
);

/** `null` stays `null`: no finish reason was sent. */
export const finishClassOf = (reason: string | null): FinishClass | null =>
  reason === null ? null : (FINISH.get(reason.toLowerCase()) ?? 'other');
