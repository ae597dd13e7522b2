import { describe, expect, it } from 'vitest';
import { binDispersion, NO_BINS, withBinnedMinute } from '../../src/objectives/drift-dispersion.ts';
import {
  baselineText,
  type DriftWatchParams,
  type DriftWatchState,
  decodeDriftWatch,
  driftEvidence,
  encodeDriftWatch,
  startDriftWatch,
  TOLERANCES,
  watchDrift,
} from '../../src/objectives/drift-watch.ts';
import type { WatchEvent } from '../../src/objectives/sequential-watch.ts';
import { random } from '../random.ts';

const params: DriftWatchParams = { kind: 'categories', threshold: 43_200, tolerance: TOLERANCES.moderate };
const USUAL = [0.25, 0.25, 0.25, 0.25];
/** PSI about 0.25 away. */
const MOVED = [0.45, 0.27, 0.16, 0.12];
const FIRST = 29_000_000;
const DAY = 1440;

class Run {
  state: DriftWatchState = startDriftWatch();
  minute = FIRST;
  renewed = -1;
  readonly events: WatchEvent[] = [];
  readonly #next: () => number;
  /** Whether the state is written and read again from time to time. */
  readonly #isStored: boolean;

  constructor(seed: number, isStored = false) {
    this.#next = random(seed);
    this.#isStored = isStored;
  }

  pass(minutes: number, shares: readonly number[], perMinute: number): WatchEvent[] {
    const before = this.events.length;
    for (let i = 0; i < minutes; i++, this.minute++) {
      const counts = new Map<number, number>();
      for (let k = 0; k < perMinute; k++) {
        let u = this.#next();
        let category = 0;
        while (category < shares.length - 1 && u >= shares[category]!) u -= shares[category++]!;
        counts.set(category + 10, (counts.get(category + 10) ?? 0) + 1);
      }
      this.events.push(
        ...watchDrift(params, this.state, this.minute, {
          counts,
          isWeighted: false,
          renewed: this.renewed,
          renewals: this.renewed < 0 ? 0 : 1,
        }),
      );
      if (this.#isStored && i % 97 === 0) this.state = decodeDriftWatch(params, encodeDriftWatch(this.state));
    }
    return this.events.slice(before);
  }
}

describe('the baseline', () => {
  it('is the first seven days or 20,000 events, whichever is later', () => {
    const quick = new Run(1);
    quick.pass(7 * DAY, USUAL, 4);
    expect(quick.state.frozen).toBeNull();
    expect(baselineText(quick.state, quick.minute)).toBe(
      'the baseline is being taken: day 8 of at least 7, 40320 of 20000 events',
    );
    quick.pass(1, USUAL, 4);
    expect(quick.state.frozen?.reference.slice(0, 4).reduce((sum, one) => sum + one, 0)).toBe(40_320);
    expect(baselineText(quick.state, quick.minute)).toBeNull();
    const slow = new Run(2);
    slow.pass(7 * DAY + 1, USUAL, 1);
    expect(slow.state.frozen).toBeNull();
    slow.pass(20_000 - 7 * DAY, USUAL, 1);
    expect(slow.state.frozen).not.toBeNull();
  });

  it('takes 1,000 events after four weeks, and never fewer', () => {
    const run = new Run(3);
    for (let i = 0; i < 999; i++) {
      run.pass(1, USUAL, 1);
      run.minute += 40;
    }
    expect(run.minute - FIRST).toBeGreaterThan(28 * DAY);
    run.pass(1, USUAL, 1);
    expect(run.state.frozen).toBeNull();
    run.pass(1, USUAL, 1);
    expect(run.state.frozen).not.toBeNull();
  });

  it('begins anew with an approved change, which ends what was open', () => {
    const run = new Run(4);
    run.pass(8 * DAY, USUAL, 4);
    run.pass(300, MOVED, 10);
    expect(run.state.breach).not.toBeNull();
    run.renewed = run.minute;
    expect(run.pass(1, MOVED, 10)).toEqual([{ type: 'resolved', minute: run.minute - 1 }]);
    expect(run.state).toMatchObject({ from: run.minute - 1, renewed: run.minute - 1, frozen: null, breach: null });
    run.pass(9 * DAY, MOVED, 4);
    expect(run.events.filter(({ type }) => type === 'alarm')).toHaveLength(1);
  });
});

describe('the watch', () => {
  it('says nothing of traffic that stays as it was, for weeks', () => {
    const run = new Run(5);
    run.pass(7 * DAY, USUAL, 4);
    run.pass(30 * DAY, USUAL, 1);
    expect(run.events).toEqual([]);
    expect(driftEvidence(run.state)).toBeLessThan(1);
  });

  it('finds a PSI of 0.25 within forty minutes once the dispersion is known, tickets it, and sees it go', () => {
    const run = new Run(6);
    run.pass(9 * DAY, USUAL, 4);
    expect(run.state.detector?.phi).toBeGreaterThanOrEqual(1);
    const began = run.minute;
    const [alarm] = run.pass(40, MOVED, 10);
    expect(alarm).toMatchObject({ type: 'alarm', page: false, bad: 0 });
    if (alarm?.type === 'alarm') expect(Math.abs(alarm.onset - began)).toBeLessThan(60);
    expect(run.pass(600, MOVED, 10)).toEqual([]);
    const ended = run.pass(1000, USUAL, 10);
    expect(ended.map(({ type }) => type)).toEqual(['resolved']);
  });

  it('a state survives being written and read, and goes on as if nothing had happened', () => {
    const [once, stored] = [new Run(7), new Run(7, true)];
    for (const run of [once, stored]) {
      run.pass(8 * DAY, USUAL, 3);
      run.pass(300, MOVED, 10);
      run.pass(600, USUAL, 10);
    }
    expect(stored.events).toEqual(once.events);
    expect(once.events.map(({ type }) => type)).toEqual(['alarm', 'resolved']);
    expect(encodeDriftWatch(stored.state)).toEqual(encodeDriftWatch(once.state));
  });

  it('another budget of false alarms leaves the baseline, and drops the evidence', () => {
    const run = new Run(8);
    run.pass(8 * DAY, USUAL, 3);
    run.pass(10, MOVED, 10);
    expect(driftEvidence(run.state)).toBeGreaterThan(0);
    const again = decodeDriftWatch({ ...params, threshold: 1e6 }, encodeDriftWatch(run.state));
    expect(again.frozen?.reference).toEqual(run.state.frozen?.reference);
    expect([driftEvidence(again), again.frozen?.params.threshold]).toEqual([0, 1e6]);
  });

  it('another tolerance does too: what spoke against the smaller one says nothing against the larger', () => {
    const run = new Run(8);
    run.pass(8 * DAY, USUAL, 3);
    run.pass(10, MOVED, 10);
    const again = decodeDriftWatch({ ...params, tolerance: TOLERANCES.major }, encodeDriftWatch(run.state));
    expect(again.frozen?.reference).toEqual(run.state.frozen?.reference);
    expect(driftEvidence(again)).toBe(0);
    const same = decodeDriftWatch(params, encodeDriftWatch(run.state));
    expect(driftEvidence(same)).toBe(driftEvidence(run.state));
  });
});

describe('how categories vary', () => {
  const phiOf = (burst: number): number | null => {
    const next = random(burst);
    let sums = NO_BINS;
    for (let minute = 0; minute < 1500; minute++) {
      const counts = new Float64Array(4);
      for (let k = 0; k < 12; k += burst) counts[Math.floor(next() * 4)]! += burst;
      sums = withBinnedMinute(sums, counts);
    }
    return binDispersion(sums);
  };

  it('independent ones let the event part in; those that come in batches do not', () => {
    expect(phiOf(1)).toBe(1);
    expect(phiOf(4)).toBeNull();
    expect(binDispersion(NO_BINS)).toBeNull();
  });
});
