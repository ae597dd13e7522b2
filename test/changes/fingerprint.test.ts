import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FALSE_JUMPS_PER_30_DAYS,
  FINGERPRINTS,
  type FingerprintWatch,
  watchFingerprint,
} from '../../src/changes/fingerprint.ts';
import { comparedOf, type JumpEvidence, jumpBetween, jumpText, sideText } from '../../src/changes/jump.ts';
import { firstSteps } from '../../src/incidents/advice.ts';
import type { SuspectChange } from '../../src/model/incident.ts';
import { addExtraSum, addExtraWeight, COUNT, TOKENS, TOKENS_KNOWN } from '../../src/tally/counters.ts';
import { durationCounter } from '../../src/tally/duration.ts';
import { bump, type Tally } from '../../src/tally/group.ts';
import { incidentWith } from '../incidents.ts';
import { random } from '../random.ts';

const DAY = 1440;

/** Calls of a minute, lognormal around a median (ms) and a mean (tokens). */
function calls(next: () => number, n: number, medianMs: number, tokens: number): Tally {
  const tally = new Map<number, number>([
    [COUNT, n],
    [TOKENS_KNOWN, n],
  ]);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  for (let i = 0; i < n; i++) {
    bump(tally, durationCounter(medianMs * Math.exp(0.5 * normal())), 1);
    bump(tally, TOKENS.output, Math.round(tokens * Math.exp(0.5 * normal() - 0.125)));
  }
  return tally;
}

/**
 * Calls of a minute whose answers are the longer the more tokens they have. A tail sampler keeps what is slow, and of the rest one
 * in so many, and says so.
 */
function sampled(next: () => number, n: number, oneIn: number): Tally {
  const tally = new Map<number, number>();
  const add = (name: number, by: number): void => bump(tally, name, by);
  for (let i = 0; i < n; i++) {
    const tokens = Math.round(300 * Math.exp(next() - 0.5));
    const weight = tokens > 350 ? 1 : oneIn;
    if (next() * weight >= 1) continue;
    for (const name of [COUNT, TOKENS_KNOWN, durationCounter(3 * tokens)]) {
      add(name, 1);
      if (weight !== 1) addExtraWeight(name, weight, add);
    }
    add(TOKENS.output, tokens);
    if (weight !== 1) addExtraSum(TOKENS.output, weight, tokens, add);
  }
  return tally;
}

/** Counts minutes. @returns the onsets of jumps, each with the minute in which it was found */
function pass(watch: FingerprintWatch, from: number, minutes: number, tallyOf: (minute: number) => Tally) {
  const found: { onset: number; at: number }[] = [];
  for (let minute = from; minute < from + minutes; minute++) {
    const onset = watch.count(minute, tallyOf(minute));
    if (onset !== null) found.push({ onset, at: minute });
  }
  return found;
}

describe.each(FINGERPRINTS)('the fingerprint of %s', (quantity) => {
  const next = random(71);
  const usual = (): Tally => calls(next, 10, 800, 300);
  const watch = watchFingerprint(quantity);

  it('takes a week, and finds nothing where nothing changes', () => {
    expect(pass(watch, 0, 7 * DAY, () => calls(next, 10, 3000, 900))).toEqual([]);
    watch.renew();
    expect(pass(watch, 7 * DAY, 14 * DAY, usual)).toEqual([]);
  });

  it('finds a jump by half once, where it began, and again when it had been as before', () => {
    const limit = { latency: 60, output_tokens: 300 }[quantity];
    const jumped = (): Tally => calls(next, 10, 1200, 450);
    const found = pass(watch, 21 * DAY, DAY, jumped);
    expect(found).toHaveLength(1);
    expect(found[0]!.at - 21 * DAY).toBeLessThan(limit);
    expect(Math.abs(found[0]!.onset - 21 * DAY)).toBeLessThan(30);
    expect(pass(watch, 22 * DAY, DAY, usual)).toEqual([]);
    expect(pass(watch, 23 * DAY, DAY, jumped)).toHaveLength(1);
  });

  it('takes what has stayed for a week as usual, and what came back as a jump again', () => {
    expect(pass(watch, 24 * DAY, 15 * DAY, () => calls(next, 10, 1200, 450))).toEqual([]);
    expect(pass(watch, 39 * DAY, DAY, usual)).toHaveLength(1);
  });

  it('finds nothing where the same calls are sampled otherwise', () => {
    const other = watchFingerprint(quantity);
    expect(pass(other, 0, 8 * DAY, () => sampled(next, 10, 1))).toEqual([]);
    expect(pass(other, 8 * DAY, 2 * DAY, () => sampled(next, 60, 5))).toEqual([]);
    const of = (oneIn: number): Tally[] => Array.from({ length: 300 }, () => sampled(next, 40, oneIn));
    const [all, few] = [of(1), of(5)];
    expect(jumpBetween(quantity, all, few)).toBeNull();
    expect(jumpBetween(quantity, few, all)).toBeNull();
    expect(comparedOf(quantity, few)).toBeLessThan(comparedOf(quantity, all) / 2);
  });

  it('is kept as bytes', () => {
    for (const made of [0, 3, 8, 8.1].map((days) => {
      const one = watchFingerprint(quantity);
      pass(one, 0, days * DAY, (minute) => (minute < 8 * DAY ? usual() : calls(next, 10, 3000, 900)));
      return one;
    })) {
      const again = watchFingerprint(quantity, made.encode());
      const more = Array.from({ length: 500 }, usual);
      expect(pass(again, 9 * DAY, 500, (minute) => more[minute - 9 * DAY]!)).toEqual(
        pass(made, 9 * DAY, 500, (minute) => more[minute - 9 * DAY]!),
      );
      expect(again.encode()).toEqual(made.encode());
    }
    expect(() => watchFingerprint(quantity, Uint8Array.of(99, 0, 0))).toThrow(RangeError);
  });

  it('is compared with the same minutes of an earlier day', () => {
    const minutes = (n: number, medianMs: number, tokens: number): Tally[] =>
      Array.from({ length: n }, () => calls(next, 10, medianMs, tokens));
    expect(jumpBetween(quantity, minutes(100, 800, 300), minutes(60, 800, 300))).toBeNull();
    expect(jumpBetween(quantity, [], minutes(60, 1200, 450))).toBeNull();
    expect(jumpBetween(quantity, minutes(60, 800, 300), [])).toBeNull();
    const before = minutes(100, 800, 300);
    expect(comparedOf(quantity, before)).toBe(1000);
    const { figures } = jumpBetween(quantity, before, minutes(60, 1600, 600))!;
    for (const { before: earlier, after } of figures) {
      expect(earlier).toMatchObject({ n: 1000 });
      expect(after).toMatchObject({ n: 600 });
      expect(after.low!).toBeGreaterThan(earlier.high!);
      expect(after.value / earlier.value).toBeCloseTo(2, 0);
    }
  });
});

it('a jump says what speaks for it', () => {
  const figure = (value: number) => ({ value, low: value - 10, high: value + 10, n: 500 });
  const evidence: JumpEvidence = {
    quantity: 'latency',
    model: 'openai/gpt-4o',
    firstSeen: Date.UTC(2026, 10, 19, 2),
    foundAt: Date.UTC(2026, 10, 19, 3),
    daysBefore: 7,
    figures: [{ name: 'median', unit: 'ms', before: figure(800), after: figure(1600) }],
    psi: 1.234,
  };
  expect(jumpText(evidence)).toBe(
    'Nobody has declared it: the latency of openai/gpt-4o has jumped since 2026-11-19T02:00:00.000Z; median 1600 ms (1590 to 1610, n 500), in the same minutes of the week before 800 ms (790 to 810, n 500); PSI 1.23; found at 2026-11-19T03:00:00.000Z, where one false finding in 100 months is to be expected at most of such calls of one service',
  );
  expect(FALSE_JUMPS_PER_30_DAYS).toBe(0.01);
  expect(sideText(evidence, 'after')).toBe('openai/gpt-4o: median 1600 ms');
  const suspect = { id: 'observed-1', type: 'provider_snapshot', at: evidence.firstSeen };
  const [before, after] = (['before', 'after'] as const).map((side) => sideText(evidence, side)) as [string, string];
  const stepOf = (change: SuspectChange): string => firstSteps(incidentWith({ changes: [change] }))[0]!;
  // There is nothing to go back to.
  expect(stepOf({ ...suspect, before, after, origin: 'observed' })).toBe(
    "Calls of openai/gpt-4o are not what they were: look at its provider's status page, and route traffic to another model if you can.",
  );
  expect(stepOf({ ...suspect, before: 'gpt-4o-08', after: 'gpt-4o-11', origin: 'observed' })).toBe(
    'Suspect the provider snapshot change first: go back to gpt-4o-08, and watch.',
  );
});

it('numbers of tokens that no one sends can not break it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(1e9)), { maxLength: 40 }), fc.boolean(), (minutes, isZero) => {
      const watch = watchFingerprint('output_tokens');
      const of = (n: number, sum: number): Tally =>
        new Map([
          [TOKENS_KNOWN, n],
          [TOKENS.output, n === 0 ? 0 : sum],
        ]);
      pass(watch, 0, 28, (minute) => of(1000, isZero ? 0 : minute));
      watch.count(29 * DAY, of(1000, 0));
      for (const [i, [n, sum]] of minutes.entries()) watch.count(29 * DAY + 1 + i, of(n, sum));
      watchFingerprint('output_tokens', watch.encode());
    }),
    { numRuns: 50 },
  );
});
