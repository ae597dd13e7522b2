import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_WEIGHT } from '../../collectors/otlp/weight.ts';
import { estimateCalibration } from '../../src/measures/calibration-estimate.ts';
import { accuracyFromConfidence } from '../../src/measures/confidence-accuracy.ts';
import { KeyWeights } from '../../src/measures/key-weights.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import { EVENT_CLOCK, TallyBook } from '../../src/tally/book.ts';
import { addExtraWeight, COUNT } from '../../src/tally/counters.ts';
import { count, subtract, type Tally } from '../../src/tally/group.ts';
import { foldJointByEvent } from '../../src/tally/joint.ts';
import { CONFIDENCE_BINS, PLAIN_PLAN, type ServicePlan, SliceValues } from '../../src/tally/plan.ts';

const weight = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 1000 }),
  fc.double({ min: 1, max: MAX_WEIGHT, noNaN: true }),
);

it('keys weigh what their events stand for, and are worth no more than were seen', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), weight), { minLength: 1 }), (events) => {
      const keys = new KeyWeights();
      for (const [key, w] of events) {
        const tally = new Map([[COUNT, 1]]);
        if (w !== 1) addExtraWeight(COUNT, w, (part, by) => tally.set(part, (tally.get(part) ?? 0) + by));
        keys.count(key, tally, COUNT);
      }
      const { counts, n, represents, worth, isWeighted } = KeyWeights.ofTally(keys.tally()).weighed();
      const all = events.reduce((sum, [, w]) => sum + w, 0);
      const total = counts.values().reduce((sum, one) => sum + one, 0);
      expect(n).toBe(events.length);
      expect(represents / all).toBeCloseTo(1, 5);
      expect(worth).toBeGreaterThan(0);
      expect(worth).toBeLessThanOrEqual(n);
      expect(total / worth).toBeCloseTo(1, 9);
      expect(isWeighted).toBe(events.some(([, w]) => Math.round((w - 1) * 1e6) > 0));
      for (const [key, got] of counts) {
        const share = events.reduce((sum, [k, w]) => (k === key ? sum + w : sum), 0) / all;
        expect(got / total).toBeCloseTo(share, 6);
      }
    }),
  );
});

const [SERVICE, LABEL, STATED] = [7, 50, 61];
const bins = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => 100 + bin);
const plan: ServicePlan = {
  ...PLAIN_PLAN,
  service: SERVICE,
  joints: {
    pairs: [],
    confidences: [{ bins, labels: [LABEL], evaluation: STATED }],
    reliances: [],
    models: new SliceValues(),
  },
};
const answer = fc.record({
  w: weight,
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  isRight: fc.option(fc.boolean()),
});

function tallyOf(answers: readonly { w: number; confidence: number; isRight: boolean | null }[]): Tally {
  const book = new TallyBook();
  for (const { w, confidence, isRight } of answers)
    foldJointByEvent(
      book,
      plan,
      { endTenths: 600, weight: w, attributes: [], responseModel: 0 } as unknown as Interaction,
      [
        { rating: { type: 'evaluation', evaluation: STATED, score: null, confidence }, at: 60_000 },
        ...(isRight === null ? [] : [{ rating: { type: 'label', label: LABEL, value: isRight } as const, at: 60_000 }]),
      ],
      1,
    );
  return book.tallyOf(book.row(EVENT_CLOCK, 1, SERVICE, 0, 0));
}

it('calibration and accuracy from confidence are shares within their intervals, whatever traces weigh, and whatever is taken away', () => {
  const estimator = accuracyFromConfidence(bins, 13);
  fc.assert(
    fc.property(
      fc.array(answer, { maxLength: 60 }),
      fc.array(answer, { maxLength: 60 }),
      fc.boolean(),
      (a, b, anyTime) => {
        const [window, other] = [tallyOf(a), tallyOf(b)];
        const looks = { anyTime, minutes: 1440 };
        const { value, low, high, n } = estimateCalibration(window, bins, looks);
        expect(n).toBe(a.filter(({ isRight }) => isRight !== null).length);
        if (value !== null) {
          expect(low! >= 0 && high! <= 1 && low! <= high!).toBe(true);
          expect(value >= 0 && value <= 1).toBe(true);
        }
        // A window longer than what it is read by: the difference is no tally of anything.
        for (const trailing of [other, subtract(other, window)]) {
          const beside = { trailing: new Map(), slices: new Map([[500, { window, trailing: other }]]) };
          expect(count(trailing, COUNT)).toBeLessThanOrEqual(60);
          expect(['ok', 'insufficient', 'undefined']).toContain(estimator.estimate(window, looks, beside).status);
        }
      },
    ),
    { numRuns: 200 },
  );
});
