import { describe, expect, it } from 'vitest';
import { appropriateReliance } from '../../src/measures/reliance.ts';
import { TRUST_WEIGHTS, type TrustComponent } from '../../src/measures/trust-index.ts';
import { type TrustSources, trustEstimator, trustGap, trustParts } from '../../src/measures/trust-parts.ts';
import * as counters from '../../src/tally/counters.ts';
import { sum, type Tally } from '../../src/tally/group.ts';

const ALL = Object.keys(TRUST_WEIGHTS) as TrustComponent[];
const [RELIANCE, LABEL, SPOT_CHECK] = [70, 50, 51];
const CLOSED = { anyTime: false, minutes: 40_320 };
const sources: TrustSources = {
  applicable: ALL.filter((name) => name !== 'transparency' && name !== 'calibration'),
  reliance: RELIANCE,
  bins: null,
  safety: [],
  safeLabels: [],
  transparency: null,
  sampling: 'random',
  labels: [SPOT_CHECK],
};
const { feedback } = counters;
const of = (...entries: (readonly [number, number])[]): Tally => new Map(entries);
/** A service that people are content with. */
const GOOD = of(
  [counters.COUNT, 1000],
  [feedback('thumbs', 'up'), 90],
  [feedback('thumbs', 'down'), 10],
  [counters.reliance(RELIANCE, true, true), 45],
  [counters.reliance(RELIANCE, false, false), 3],
  [counters.reliance(RELIANCE, true, false), 2],
  [feedback('flag', 'other'), 1],
  [feedback('escalation', true), 20],
  [feedback('escalation', false), 980],
  [feedback('reask', true), 10],
  [feedback('reask', false), 190],
);
const estimate = (window: Tally, of = sources, trailing = window) =>
  trustEstimator(of).estimate(window, CLOSED, { trailing, slices: new Map() });

describe('the parts of trust', () => {
  it('are goodness out of so many events; stars count by quarters', () => {
    const parts = trustParts(sum([GOOD, of([feedback('stars', 4), 4])]), sources);
    expect(parts.satisfaction).toEqual({ good: 93, n: 104 });
    expect(parts.reliance).toEqual({ good: 48, n: 50 });
    expect(parts.safety).toEqual({ good: 95, n: 95 });
    expect(parts.escalation).toEqual({ good: 980, n: 1000 });
    expect(parts.consistency).toEqual({ good: 190, n: 200 });
    expect(parts.transparency).toEqual({ good: 0, n: 0 });
  });

  it('of sampled traces count as many as they stand for, like the measures of the same name', () => {
    const heavy = (name: counters.Counter, n: number): Tally => {
      const tally = new Map([[name, n]]);
      for (let i = 0; i < n; i++)
        counters.addExtraWeight(name, 4, (part, by) => tally.set(part, (tally.get(part) ?? 0) + by));
      return tally;
    };
    const window = sum([
      of(
        [feedback('thumbs', 'up'), 40],
        [counters.reliance(RELIANCE, true, true), 40],
        [feedback('decision', 'accepted'), 40],
        [counters.labels(SPOT_CHECK), 40],
        [counters.labelsTrue(SPOT_CHECK), 40],
      ),
      heavy(feedback('stars', 1), 10),
      heavy(counters.reliance(RELIANCE, true, false), 10),
      heavy(feedback('decision', 'overridden'), 10),
      heavy(counters.labels(SPOT_CHECK), 10),
    ]);
    const parts = trustParts(window, sources);
    for (const { good, n } of [parts.satisfaction, parts.reliance]) {
      expect(good / n).toBeCloseTo(0.5, 9);
      expect(n).toBe(Math.floor(80 ** 2 / 200));
    }
    expect(trustGap(window, sources)).toMatchObject({
      acceptance: expect.closeTo(0.5, 9),
      accuracy: expect.closeTo(0.5, 9),
    });
  });

  it('are not there where nobody would have said that something went wrong', () => {
    const silent = trustParts(of([counters.COUNT, 1000]), sources);
    expect(Object.values(silent).every(({ n }) => n === 0)).toBe(true);
  });

  it('reliance is a share of events for detectors', () => {
    expect(appropriateReliance(RELIANCE).eventsOf(GOOD)).toMatchObject({ n: 50, bad: 2 });
  });
});

describe('the trust index', () => {
  it('is published with its components, what is missing and what does not apply', () => {
    const found = estimate(GOOD);
    expect(found).toMatchObject({ status: 'ok', n: 1000, coverage: expect.closeTo(1, 9) });
    expect(found.value!).toBeGreaterThan(90);
    expect(found.value!).toBeLessThan(100);
    expect(found.detail).toMatchObject({
      missing: [],
      notApplicable: ['calibration', 'transparency'],
      gated: false,
      unpublished: null,
    });
  });

  it('is not published without safety, and says which components are missing', () => {
    const unsafe = new Map(GOOD);
    // Who is content has seen nothing unsafe.
    for (const name of [feedback('flag', 'other'), feedback('thumbs', 'up'), feedback('thumbs', 'down')])
      unsafe.delete(name);
    const found = estimate(unsafe);
    expect(found).toMatchObject({ status: 'insufficient', value: null, why: expect.stringContaining('safety') });
    expect(found.detail!['unpublished']).toBeGreaterThan(90);
    const [lowest, highest] = found.detail!['rangeIfMissing'] as [number, number];
    expect(lowest).toBeLessThan(50);
    expect(highest).toBeGreaterThan(90);
  });

  it('says why where a service does not declare safety', () => {
    const { why, value } = estimate(GOOD, { ...sources, applicable: ['satisfaction', 'reliance'] });
    expect([value, why]).toEqual([null, 'it is never published without safety, which the service does not declare']);
  });

  it('is low and not nothing when all of a component is bad, and below 100 when all is good', () => {
    const unloved = sum([
      GOOD,
      of([feedback('thumbs', 'up'), -90], [feedback('thumbs', 'down'), 90], [feedback('flag', 'wrong'), 30]),
    ]);
    expect(estimate(unloved).value!).toBeGreaterThan(5);
    expect(estimate(unloved).value!).toBeLessThan(60);
    const loved = of([counters.COUNT, 100], [feedback('thumbs', 'up'), 100]);
    const { value } = estimate(loved, { ...sources, applicable: ['satisfaction', 'safety'] });
    expect(value!).toBeLessThan(100);
  });

  it('is at most 50 when more than a twentieth is flagged as unsafe', () => {
    const found = estimate(sum([GOOD, of([feedback('flag', 'unsafe'), 100])]));
    expect(found).toMatchObject({ status: 'ok', value: 50, high: 50, detail: { gated: true } });
  });

  it('is shrunk towards the last 28 days of the service', () => {
    const few = of([counters.COUNT, 50], [feedback('thumbs', 'up'), 10], [feedback('flag', 'other'), 1]);
    const of3 = { ...sources, applicable: ['satisfaction', 'safety'] as const };
    const sour = of([feedback('thumbs', 'up'), 100], [feedback('thumbs', 'down'), 100]);
    const alone = estimate(few, of3, few).value!;
    const known = estimate(few, of3, sour).value!;
    expect(known).toBeLessThan(alone);
  });

  it('accepting wrong answers lowers it', () => {
    const blind = sum([GOOD, of([counters.reliance(RELIANCE, true, false), 40])]);
    expect(estimate(blind).value!).toBeLessThan(estimate(GOOD).value!);
  });

  it('has a wider interval while a calendar window fills', () => {
    const beside = { trailing: GOOD, slices: new Map() };
    const [closed, filling] = [false, true].map((anyTime) =>
      trustEstimator(sources).estimate(GOOD, { anyTime, minutes: 40_320 }, beside),
    );
    expect(filling!.value).toBe(closed!.value);
    expect(filling!.low!).toBeLessThan(closed!.low!);
  });

  it('says nothing of nothing', () => {
    expect(estimate(of())).toMatchObject({ status: 'undefined', value: null, n: 0 });
    expect(estimate(of([counters.COUNT, 100]))).toMatchObject({ status: 'insufficient', value: null });
  });

  it('keeps of a tally what it reads', () => {
    const { reads } = trustEstimator(sources);
    expect([...GOOD.keys()].every(reads)).toBe(true);
    expect(reads(counters.durationBucket(3))).toBe(false);
  });
});

describe('the trust gap', () => {
  const decided = (accepted: number, overridden: number): Tally =>
    of([feedback('decision', 'accepted'), accepted], [feedback('decision', 'overridden'), overridden]);
  const labelled = (code: number, right: number, n: number): Tally =>
    of([counters.labels(code), n], [counters.labelsTrue(code), right]);

  it('is over-trust when answers are accepted more often than they are right', () => {
    const found = trustGap(sum([decided(95, 5), labelled(SPOT_CHECK, 140, 200)]), sources)!;
    expect(found).toMatchObject({ value: expect.closeTo(0.25, 9), acceptance: 0.95, accuracy: 0.7 });
    expect(found.meaning).toBe('over-trust');
  });

  it('is under-trust the other way round, and no gap where the interval holds 0', () => {
    expect(trustGap(sum([decided(100, 100), labelled(SPOT_CHECK, 190, 200)]), sources)!.meaning).toBe('under-trust');
    expect(trustGap(sum([decided(90, 10), labelled(SPOT_CHECK, 18, 20)]), sources)!.meaning).toBe('no gap found');
  });

  it('rests on labels of one kind of sampling alone', () => {
    const both = sum([decided(90, 10), labelled(LABEL, 80, 100), labelled(SPOT_CHECK, 90, 100)]);
    expect(trustGap(both, sources)!.accuracy).toBe(0.9);
    expect(trustGap(both, { labels: [LABEL] })!.accuracy).toBe(0.8);
    expect(trustGap(decided(90, 10), sources)).toBeNull();
  });
});
