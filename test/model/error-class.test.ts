import { describe, expect, it } from 'vitest';
import { errorClassOf, FINISH_CLASSES, finishClassOf } from '../../src/model/error-class.ts';

describe('a finish reason', () => {
  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['end_turn', 'stop'],
    ['COMPLETE', 'stop'],
    ['eos_token', 'stop'],
    ['max_tokens', 'length'],
    ['model_length', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool-calls', 'tool_calls'],
    ['tool_call', 'tool_calls'],
    ['TOOL_CALL', 'tool_calls'],
    ['toolUse', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['error', 'error'],
    ['pause_turn', 'other'],
    // What every object has is no reason.
    ['constructor', 'other'],
    ['__proto__', 'other'],
    ['', 'other'],
  ])('%s is %s', (reason, name) => {
    expect(finishClassOf(reason)).toBe(name);
    expect(FINISH_CLASSES).toContain(name);
  });

  it('that was not sent is none', () => expect(finishClassOf(null)).toBeNull());
});

it.each([
  ['RateLimitError', 0, 'rate_limit'],
  ['Error', 429, 'rate_limit'],
  ['constructor', 0, 'other'],
])('an error %s of status %d is %s', (type, status, name) => expect(errorClassOf(type, status)).toBe(name));
