import { describe, expect, it } from 'vitest';
import { hasDrifted, judgeHealth } from '../../src/measures/judge-health.ts';
import { judgedAccuracy } from '../../src/measures/judged-accuracy.ts';
import { wilson } from '../../src/measures/wilson.ts';
import * as counters from '../../src/tally/counters.ts';
import { sum, type Tally } from '../../src/tally/group.ts';
import { random } from '../random.ts';

const [LABEL, JUDGE, PAIR, STRATA] = [50, 60, 70, 80];
const MICRO = 1e6;
const CLOSED = { anyTime: false, minutes: 40_320 };
const FILLING = { anyTime: true, minutes: 40_320 };

interface Kind {
  readonly labelled: number;
  readonly judged: number;
  /** Share of right answers, and how often the judge, who says 1 or 0, agrees. */
  readonly right: number;
  readonly agrees: number;
}

/** A window in which the judge has scored all, and people have labelled some that were drawn at random. */
function windowOf(next: () => number, { labelled, judged, right, agrees }: Kind): Tally {
  const tally = new Map<number, number>();
  const add = (name: number, by: number): void => void (by !== 0 && tally.set(name, (tally.get(name) ?? 0) + by));
  for (let i = 0; i < labelled + judged; i++) {
    const y = next() < right;
    const f = next() < agrees === y ? MICRO : 0;
    add(counters.COUNT, 1);
    add(counters.scores(JUDGE), 1);
    if (i >= labelled) {
      add(counters.judgedSum(PAIR, 'n'), 1);
      add(counters.judgedSum(PAIR, 'f'), f);
      add(counters.judgedSum(PAIR, 'ff'), f);
      continue;
    }
    add(counters.labels(LABEL), 1);
    add(counters.labelsTrue(LABEL), y ? 1 : 0);
    add(counters.pairSum(PAIR, 'n'), 1);
    add(counters.pairSum(PAIR, 'y'), y ? 1 : 0);
    add(counters.pairSum(PAIR, 'f'), f);
    add(counters.pairSum(PAIR, 'ff'), f);
    add(counters.pairSum(PAIR, 'yf'), y ? f : 0);
  }
  return tally;
}

const inAll = judgedAccuracy({ labels: [LABEL], judge: JUDGE, pair: PAIR, evaluator: 'judge', strata: null });
const inStrata = judgedAccuracy({ labels: [LABEL], judge: JUDGE, pair: PAIR, evaluator: 'judge', strata: STRATA });
const besideOf = (...windows: Tally[]) => ({
  trailing: new Map(),
  slices: new Map(windows.map((window, i) => [100 + i, { window, trailing: new Map() }])),
});

describe('accuracy by labels with a judge', () => {
  const next = random(7);

  it('is narrower than the labels alone, and says how it came about', () => {
    const tally = windowOf(next, { labelled: 200, judged: 5000, right: 0.9, agrees: 0.97 });
    const found = inAll.estimate(tally, CLOSED);
    const good = tally.get(counters.labelsTrue(LABEL))!;
    const alone = wilson(good, 200);
    expect(found).toMatchObject({ status: 'ok', method: 'ppi', n: 200, coverage: 200 / 5200 });
    expect(found.high! - found.low!).toBeLessThan(0.8 * (alone.high - alone.low));
    expect(Math.abs(found.value! - 0.9)).toBeLessThan(0.03);
    expect(found.detail).toMatchObject({ labelled: 200, judged: 5000, noGain: false });
  });

  it('is the labels alone below 30 of them, with equal labels, without scores, and with traces that weigh differently', () => {
    for (const kind of [
      { labelled: 29, judged: 5000, right: 0.9, agrees: 0.97 },
      { labelled: 200, judged: 5000, right: 1, agrees: 1 },
      { labelled: 200, judged: 0, right: 0.9, agrees: 0.97 },
    ])
      expect(inAll.estimate(windowOf(next, kind), CLOSED)).toMatchObject({ method: 'labels', n: kind.labelled });
    const tally = new Map(windowOf(next, { labelled: 200, judged: 1000, right: 0.9, agrees: 0.97 }));
    counters.addExtraWeight(counters.scores(JUDGE), 50, (part, by) => tally.set(part, by));
    expect(inAll.estimate(tally, CLOSED)).toMatchObject({ method: 'labels', n: 200 });
  });

  it('has no value without labels, whatever the judge says', () => {
    const found = inAll.estimate(windowOf(next, { labelled: 0, judged: 100, right: 0.9, agrees: 1 }), CLOSED);
    expect(found).toMatchObject({ status: 'undefined', value: null, n: 0 });
    expect(found.detail).toMatchObject({ judged: 100 });
  });

  it('bears being looked at while a calendar window fills: wider, and the labels alone below a hundred', () => {
    const tally = windowOf(next, { labelled: 300, judged: 3000, right: 0.9, agrees: 0.97 });
    const [closed, filling] = [CLOSED, FILLING].map((looks) => inAll.estimate(tally, looks));
    expect(filling!.value).toBe(closed!.value);
    expect(filling!.low!).toBeLessThan(closed!.low!);
    const few = windowOf(next, { labelled: 60, judged: 3000, right: 0.8, agrees: 0.97 });
    expect(inAll.estimate(few, FILLING).method).toBe('labels');
  });

  it('where labels are drawn unequally, strata are right and the whole is not', () => {
    const many = windowOf(next, { labelled: 2000, judged: 2000, right: 0.6, agrees: 0.9 });
    const few = windowOf(next, { labelled: 200, judged: 20_000, right: 0.95, agrees: 0.9 });
    const truth = (4000 * 0.6 + 20_200 * 0.95) / 24_200;
    const whole = sum([many, few]);
    const found = inStrata.estimate(whole, CLOSED, besideOf(many, few));
    expect(found).toMatchObject({ status: 'ok', method: 'ppi', n: 2200 });
    expect(found.low!).toBeLessThan(truth);
    expect(found.high!).toBeGreaterThan(truth);
    const naive = (whole.get(counters.labelsTrue(LABEL)) ?? 0) / 2200;
    expect(naive).toBeLessThan(found.low!);
  });

  it('without enough for the judge, strata keep their weight in the traffic', () => {
    const many = windowOf(next, { labelled: 300, judged: 0, right: 0.5, agrees: 0.9 });
    const few = windowOf(next, { labelled: 15, judged: 0, right: 1, agrees: 0.9 });
    const rest = new Map([[counters.COUNT, 9685]]);
    const found = inStrata.estimate(sum([many, few, rest]), CLOSED, besideOf(many, sum([few, rest])));
    expect(found.method).toBe('labels');
    expect(found.value!).toBeGreaterThan(0.95);
  });

  it('keeps of a tally what it reads, weights included, and nothing else', () => {
    expect([counters.COUNT, counters.labels(LABEL), counters.judgedSum(PAIR, 'ff')].every(inAll.reads)).toBe(true);
    counters.addExtraWeight(counters.scores(JUDGE), 3, (part) => expect(inAll.reads(part)).toBe(true));
    expect(inAll.reads(counters.labels(LABEL + 1))).toBe(false);
  });
});

describe('the health of a judge', () => {
  const healthOf = (n: number, right: number, scored: number) =>
    judgeHealth({
      n,
      sumY: n * right,
      sumYY: n * right,
      sumF: n * scored,
      sumFF: n * scored,
      sumYF: n * Math.min(right, scored),
      unlabelled: 0,
      unlabelledF: 0,
      unlabelledFF: 0,
    });

  it('is correlation and bias; of fewer than three pairs there is none', () => {
    expect(healthOf(100, 0.9, 0.8)).toMatchObject({ n: 100, bias: expect.closeTo(0.1, 9) });
    expect(healthOf(100, 0.9, 0.9)!.correlation).toBeCloseTo(1, 9);
    expect(healthOf(2, 1, 1)).toBeNull();
    expect(healthOf(100, 1, 0.9)!.correlation).toBeNull();
  });

  it('has drifted when its bias has moved by more than two standard errors, and never from a few labels', () => {
    expect(hasDrifted(healthOf(200, 0.9, 0.7), healthOf(200, 0.9, 0.9))).toBe(true);
    expect(hasDrifted(healthOf(200, 0.9, 0.89), healthOf(200, 0.9, 0.9))).toBe(false);
    expect(hasDrifted(healthOf(20, 0.9, 0.5), healthOf(200, 0.9, 0.9))).toBe(false);
    expect(hasDrifted(null, healthOf(200, 0.9, 0.9))).toBe(false);
  });
});
