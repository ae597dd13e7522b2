import { expect, it } from 'vitest';
import { errorClassOf, finishClassOf } from '../../src/model/error-class.ts';

it.each([
  // OpenTelemetry's conventions
  ['tool_call', 'tool_calls'],
  // OpenAI, Anthropic, the AI SDK, Bedrock
  ['tool_calls', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['tool-calls', 'tool_calls'],
  ['toolUse', 'tool_calls'],
  ['end_turn', 'stop'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content_filter'],
  // Cohere, Mistral, Together
  ['COMPLETE', 'stop'],
  ['ERROR_TOXIC', 'content_filter'],
  ['model_length', 'length'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  // Gemini
  ['MAX_TOKENS', 'length'],
  ['RECITATION', 'content_filter'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['JAILBREAK', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  // Google's ADK, of an answer without anything in it
  ['UNKNOWN_ERROR', 'error'],
  ['a new one', 'other'],
  // What every object has is no reason.
  ['constructor', 'other'],
  ['__proto__', 'other'],
  ['', 'other'],
  // None was sent.
  [null, null],
])('an answer that ended with %s is of the class %s', (reason, finishClass) => {
  expect(finishClassOf(reason)).toBe(finishClass);
});

it.each([
  ['RateLimitError', 0, 'rate_limit'],
  ['Error', 429, 'rate_limit'],
  ['litellm.exceptions.ContextWindowExceededError', 0, 'client'],
  // What the caller cancelled: JavaScript, Python, .NET, Java, Go, gRPC, and what servers make of it.
  ['AbortError', 0, 'client'],
  ['APIUserAbortError', 0, 'client'],
  ['ResponseAborted', 0, 'client'],
  ['ERR_CANCELED', 0, 'client'],
  ['CanceledError', 0, 'client'],
  ['CancelledError', 0, 'client'],
  ['asyncio.exceptions.CancelledError', 0, 'client'],
  ['GeneratorExit', 0, 'client'],
  ['starlette.requests.ClientDisconnect', 0, 'client'],
  ['client disconnected', 0, 'client'],
  ['System.OperationCanceledException', 0, 'client'],
  ['java.util.concurrent.CancellationException', 0, 'client'],
  ['org.apache.catalina.connector.ClientAbortException', 0, 'client'],
  ['context canceled', 0, 'client'],
  ['CANCELLED', 0, 'client'],
  // No person: a limit of time, a connection that broke, a request that its server answered with a failure.
  ['TimeoutError', 0, 'timeout'],
  ['System.Threading.Tasks.TaskCanceledException', 0, 'other'],
  ['ECONNABORTED', 0, 'server'],
  ['ConnectionAbortedError', 0, 'server'],
  ['ABORTED', 0, 'other'],
  ['ServerDisconnectedError', 0, 'server'],
  ['CancelledError', 503, 'server'],
  // LiteLLM: a guardrail that stepped in, and one that was not there.
  ['guardrail_intervened', 0, 'content'],
  ['guardrail_failed_to_respond', 0, 'server'],
  ['constructor', 0, 'other'],
])('an error %s of status %d is %s', (type, status, name) => expect(errorClassOf(type, status)).toBe(name));
