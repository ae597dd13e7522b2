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
  ['constructor', 0, 'other'],
])('an error %s of status %d is %s', (type, status, name) => expect(errorClassOf(type, status)).toBe(name));
