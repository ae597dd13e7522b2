import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availability } from '../../src/measures/availability.ts';
import { burnTiers } from '../../src/objectives/burn-rate.ts';
import { alarmThreshold, detectorParams, pageNull } from '../../src/objectives/e-detector.ts';
import type { EventStream } from '../../src/objectives/event-stream.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import {
  burnMemory,
  type DetectorEvent,
  decodeWatchState,
  encodeWatchState,
  type MinuteCounts,
  startObjectiveWatch,
  watchUntil,
} from '../../src/objectives/objective-watch.ts';
import { recoveryParams } from '../../src/objectives/recovery.ts';

function objective(target: number, policy: 'sequential' | 'burn_rate' | 'both'): Objective {
  const q0 = 1 - target;
  const threshold = alarmThreshold(1, 1);
  return {
    name: 'o',
    service: 's',
    environment: null,
    counted: 1,
    kind: 'SLO',
    measure: 'availability',
    subject: null,
    method: 'spans',
    proxy: false,
    judgedBy: 'events',
    incidentsBy: null,
    events: availability(),
    target,
    direction: 'at_least',
    q0,
    window: { text: '30d', minutes: 43_200, startOf: (now) => now - 43_199, hasFixedStart: false },
    sequential:
      policy === 'burn_rate'
        ? null
        : {
            ticket: detectorParams({ q0, threshold }),
            page: detectorParams({ q0: pageNull(q0), threshold }),
            recovery: recoveryParams({ q0 }),
          },
    burn: policy === 'sequential' ? null : { tiers: burnTiers(30), q0 },
    guarantee: null,
    category: 'ai.availability.error_rate',
    fingerprint: '',
    codes: [],
  };
}

/** `[minutes, n, bad]` runs to minutes with counts. */
const series = (...runs: [number, number, number][]): MinuteCounts[] => {
  const counts: MinuteCounts[] = [];
  let minute = 28_800_000;
  for (const [minutes, n, bad] of runs)
    for (let i = 0; i < minutes; i++, minute++) if (n > 0) counts.push({ minute, n, bad });
  return counts;
};

const START = 28_800_000;
const run = (one: Objective, counts: MinuteCounts[], until: number): DetectorEvent[] =>
  watchUntil(one, startObjectiveWatch(one, START - 1), burnMemory(one, [], START - 1), counts, until);
const story = (events: DetectorEvent[]): string[] =>
  events.map(({ detector, event }) => `${detector} ${event.type} ${event.minute - START}`);

describe('an outage', () => {
  it('alarms in its third minute where failures are known to be independent, pages, and resolves after 15 clean ones', () => {
    // Two days at a tenth of the budget, so that the second day knows how failures are spread.
    const days = Array.from({ length: 288 }, (): [number, number, number][] => [
      [9, 20, 0],
      [1, 20, 1],
    ]).flat();
    const counts = series(...days, [30, 20, 20], [300, 20, 0]);
    const events = run(objective(0.95, 'sequential'), counts, START + 3209);
    expect(story(events)).toEqual(['sequential alarm 2882', 'sequential resolved 2924']);
    expect(events[0]!.event).toMatchObject({ onset: START + 2880, n: 60, bad: 60, page: true });
  });

  it('alarms within seven minutes where nothing is known yet', () => {
    const counts = series([2000, 20, 0], [30, 20, 20], [300, 20, 0]);
    const [alarm] = story(run(objective(0.95, 'sequential'), counts, START + 2329));
    expect(alarm).toBe('sequential alarm 2004');
  });

  it('fires burn-rate rules at once and resolves three short windows after the burn has ended', () => {
    const counts = series([2000, 100, 0], [30, 100, 100], [4000, 100, 0]);
    const events = run(objective(0.999, 'burn_rate'), counts, START + 6029);
    expect(story(events).slice(0, 1)).toEqual(['burn_rate alarm 2000']);
    expect(events.at(-1)!.event.type).toBe('resolved');
    expect(events.filter(({ event }) => event.type === 'alarm')).toHaveLength(1);
  });

  it('is never resolved by silence', () => {
    const counts = series([2000, 20, 0], [30, 20, 20]);
    for (const policy of ['sequential', 'burn_rate'] as const) {
      const events = run(objective(0.95, policy), counts, START + 20_000);
      expect(events.filter(({ event }) => event.type === 'resolved')).toEqual([]);
    }
  });
});

const anySeries = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 1, max: 200 }),
      n: fc.constantFrom(0, 1, 5, 50),
      share: fc.constantFrom(0, 0, 0, 0.02, 0.3, 1),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((runs) =>
    series(...runs.map(({ minutes, n, share }): [number, number, number] => [minutes, n, Math.round(n * share)])),
  );

it('judging in steps, with checkpoints in between, is judging at once', () => {
  fc.assert(
    fc.property(
      anySeries,
      fc.constantFrom('sequential', 'burn_rate', 'both'),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 }),
      (counts, policy, steps) => {
        const one = objective(0.95, policy);
        const until = (counts.at(-1)?.minute ?? START) + 100;
        const atOnce = startObjectiveWatch(one, START - 1);
        const all = watchUntil(one, atOnce, burnMemory(one, [], START - 1), counts, until);
        let state = startObjectiveWatch(one, START - 1);
        const parts: DetectorEvent[] = [];
        let memory: EventStream | null = null;
        for (const [i, length] of [...steps, 1e6].entries()) {
          const end = Math.min(until, state.through + length);
          const known = counts.filter(({ minute }) => minute <= state.through);
          if (i % 3 === 0) memory = burnMemory(one, known, state.through);
          const fresh = counts.filter(({ minute }) => minute > state.through && minute <= end);
          if (i % 2 === 0) state = decodeWatchState(one, encodeWatchState(state));
          parts.push(...watchUntil(one, state, memory, fresh, end));
        }
        expect(parts).toEqual(all);
        expect(encodeWatchState(state)).toEqual(encodeWatchState(atOnce));
      },
    ),
    { numRuns: 60 },
  );
});

it('alarms and resolves alternate, and a page belongs to a breach', () => {
  fc.assert(
    fc.property(anySeries, fc.constantFrom('sequential', 'burn_rate'), (counts, policy) => {
      const events = run(objective(0.95, policy), counts, (counts.at(-1)?.minute ?? START) + 10);
      let open = false;
      for (const { event } of events) {
        if (event.type === 'alarm') expect(open).toBe(false);
        else expect(open).toBe(true);
        open = event.type !== 'resolved';
      }
    }),
    { numRuns: 60 },
  );
});
