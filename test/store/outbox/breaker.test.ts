import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/model/delivery.ts';
import { afterAttempt, type Breaker, CLOSED, passes, passesAt } from '../../../src/store/outbox/breaker.ts';

const OK: Outcome = { kind: 'ok' };
const DOWN: Outcome = { kind: 'retry', reason: 'no connection' };
const SILENT: Outcome = { kind: 'unknown', reason: 'no answer' };
const BUSY: Outcome = { kind: 'retry', reason: 'answered 429', throttled: true };
const REFUSED: Outcome = { kind: 'permanent', reason: 'answered 400' };
const GONE: Outcome = { kind: 'permanent', reason: 'answered 410', gone: true };

const having = (breaker: Breaker, outcomes: Outcome[], at = 0, pauseMs = 0): Breaker =>
  outcomes.reduce((now, outcome) => afterAttempt(now, { startedAt: at, endedAt: at, outcome, pauseMs }), breaker);
const times = (n: number, outcome: Outcome): Outcome[] => Array(n).fill(outcome);

describe('a closed breaker', () => {
  it.each([
    ['four failures', times(4, DOWN), 'closed'],
    ['five failures', times(5, DOWN), 'open'],
    ['five attempts without an answer', times(5, SILENT), 'open'],
    ['a success in between', [...times(4, DOWN), OK, ...times(4, DOWN)], 'closed'],
    ['a hundred throttled ones', times(100, BUSY), 'closed'],
    ['a hundred refusals of single messages', times(100, REFUSED), 'closed'],
    ['ten of twenty', times(10, DOWN).flatMap((down) => [down, OK]), 'closed'],
    ['eleven of twenty', [...times(9, DOWN).flatMap((down) => [down, OK]), DOWN, DOWN], 'open'],
    ['one that is gone', [GONE], 'disabled'],
  ])('after %s is %s', (_, outcomes, state) => {
    expect(having(CLOSED, outcomes).state).toBe(state);
  });

  it('takes no notice of a message that waits by itself', () => {
    const waiting: Outcome = { kind: 'retry', reason: 'not found yet', afterMs: 60_000, waiting: true };
    expect(having(CLOSED, times(30, waiting), 0, 60_000)).toMatchObject({
      state: 'closed',
      failuresInARow: 0,
      pausedUntil: 0,
    });
  });

  it('waits as long as the destination asks', () => {
    expect(passesAt(having(CLOSED, [BUSY], 1000, 7000))).toBe(8000);
    expect(passesAt(having(CLOSED, [{ ...SILENT, afterMs: 3000 }], 1000, 4000))).toBe(5000);
    expect(passesAt(having(CLOSED, [DOWN], 1000, 7000))).toBe(0);
    expect(passesAt(having(having(CLOSED, [BUSY], 1000, 7000), [OK], 1500))).toBe(8000);
  });
});

describe('an open breaker', () => {
  const open = having(CLOSED, times(5, DOWN), 1000);

  it('lets one through after 30 s, then after twice as long each time, up to 10 min', () => {
    let breaker = open;
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const at = passesAt(breaker)!;
      expect(passes(breaker, 4)).toBe(1);
      breaker = having(breaker, [DOWN], at);
      waits.push(passesAt(breaker)! - at);
    }
    expect(passesAt(open)).toBe(31_000);
    expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
    expect(breaker).toMatchObject({ state: 'open', since: 1000 });
  });

  it.each([
    ['a success', OK],
    ['a refusal of the message', REFUSED],
    ['being asked to slow down', BUSY],
  ])('closes with %s', (_, outcome) => {
    expect(having(open, [outcome], 31_000).state).toBe('closed');
  });

  it('is not kept open longer by what was under way when it opened', () => {
    expect(having(open, times(3, DOWN), 1200)).toEqual(open);
    expect(having(open, [OK], 1200).state).toBe('closed');
  });
});

it('a disabled breaker stays so', () => {
  const disabled = having(CLOSED, [GONE]);
  expect(passesAt(having(disabled, [OK, DOWN, BUSY]))).toBeNull();
});
