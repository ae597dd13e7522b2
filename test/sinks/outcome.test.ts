import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/sinks/outcome.ts';
import type { HttpResult } from '../../src/sinks/sink.ts';

const answer = (status: number, headers = {}): HttpResult => ({ kind: 'answer', status, headers, body: 'INTERNAL-7' });

describe('what an answer means', () => {
  it.each([
    [200, 'ok'],
    [202, 'ok'],
    [204, 'ok'],
    [301, 'permanent'],
    [307, 'permanent'],
    [400, 'permanent'],
    [401, 'permanent'],
    [404, 'permanent'],
    [408, 'retry'],
    [410, 'permanent'],
    [413, 'permanent'],
    [425, 'retry'],
    [429, 'retry'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'retry'],
    [504, 'unknown'],
    [599, 'unknown'],
  ] as const)('%d is %s', (status, kind) => {
    const outcome = outcomeOf(answer(status), 0);
    expect(outcome.kind).toBe(kind);
    expect(JSON.stringify(outcome)).not.toContain('INTERNAL-7');
  });

  it('no connection is a retry, no answer is unknown, a forbidden target is permanent', () => {
    expect(outcomeOf({ kind: 'not_sent', reason: 'r' }, 0)).toEqual({ kind: 'retry', reason: 'r' });
    expect(outcomeOf({ kind: 'no_answer', reason: 'r' }, 0)).toEqual({ kind: 'unknown', reason: 'r' });
    expect(outcomeOf({ kind: 'forbidden', reason: 'r' }, 0)).toEqual({ kind: 'permanent', reason: 'r' });
  });

  it('429 throttles, 410 ends it, Retry-After is kept', () => {
    expect(outcomeOf(answer(429, { 'retry-after': '7' }), 0)).toMatchObject({ throttled: true, afterMs: 7000 });
    expect(outcomeOf(answer(410), 0)).toMatchObject({ gone: true });
    expect(outcomeOf(answer(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }), 1000)).toMatchObject({
      afterMs: 8000,
    });
    expect(outcomeOf(answer(504, { 'retry-after': '3' }), 0)).toMatchObject({ afterMs: 3000 });
  });
});
