import { expect, it } from 'vitest';
import { estimateCalibration } from '../../src/measures/calibration-estimate.ts';
import { categoriesTogether, category, duration, type Feature, tokens } from '../../src/measures/drift-features.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import { type DriftWatchParams, startDriftWatch, watchDrift } from '../../src/objectives/drift-watch.ts';
import { EVENT_CLOCK, TallyBook } from '../../src/tally/book.ts';
import * as counters from '../../src/tally/counters.ts';
import { MISSING_KEY, powerKey } from '../../src/tally/feature-bins.ts';
import { foldInteraction } from '../../src/tally/fold.ts';
import type { Tally } from '../../src/tally/group.ts';
import { foldJointByEvent } from '../../src/tally/joint.ts';
import { CONFIDENCE_BINS, PLAIN_PLAN, type ServicePlan, SliceValues } from '../../src/tally/plan.ts';

const MINUTE = 29_000_000;
const [SERVICE, LABEL, STATED] = [7, 50, 61];
const bins = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => 100 + bin);
const plan: ServicePlan = {
  ...PLAIN_PLAN,
  service: SERVICE,
  tokenBins: true,
  weighsDurations: true,
  joints: {
    pairs: [],
    confidences: [{ bins, labels: [LABEL], evaluation: STATED }],
    reliances: [],
    models: new SliceValues(),
  },
};
const one = (weight: number, outputTokens: number | null, ms: number): Interaction =>
  ({
    endTenths: MINUTE * 600,
    weight,
    isError: false,
    durationNanos: ms * 1e6,
    inputTokens: null,
    outputTokens,
    timeToFirstTokenMs: null,
    uses: [],
  }) as unknown as Interaction;

function folded(interactions: readonly Interaction[]): Tally {
  const book = new TallyBook();
  for (const interaction of interactions) foldInteraction(book, plan, () => 0, interaction, 1);
  return book.tallyOf(book.row(EVENT_CLOCK, MINUTE, SERVICE, 0, 0));
}
/** Long answers are kept all, of short ones one in four: 10 and 40 of them came. */
const sampled = folded([
  ...Array.from({ length: 10 }, () => one(1, 1000, 800)),
  ...Array.from({ length: 10 }, () => one(4, 10, 30)),
]);
const sharesOf = (feature: Feature, tally: Tally): Record<number, number> => {
  const { counts } = feature.keysOf(tally);
  const all = counts.values().reduce((sum, n) => sum + n, 0);
  return Object.fromEntries([...counts].map(([key, n]) => [key, Number((n / all).toFixed(9))]));
};

/** Each counted once, so that a sampler which keeps slow traces was a drift of durations. */
it('features are read by what sampled traces stand for, as many in all as they are worth', () => {
  expect(sharesOf(tokens('output_tokens'), sampled)).toEqual({ [powerKey(1000)]: 0.2, [powerKey(10)]: 0.8 });
  expect(sharesOf(duration, sampled)).toEqual({ [powerKey(800)]: 0.2, [powerKey(30)]: 0.8 });
  const { n, represents, counts, isWeighted } = duration.keysOf(sampled);
  expect([n, represents, isWeighted]).toEqual([20, 50, true]);
  expect(counts.values().reduce((sum, count) => sum + count, 0)).toBeCloseTo(50 ** 2 / (10 + 10 * 16), 9);
});

it('and so are the values of a dimension, and what has none', () => {
  const slice = folded(Array.from({ length: 10 }, () => one(1, 1000, 800)));
  const together = categoriesTogether([{ value: 12, tally: slice }], sampled);
  expect(sharesOf(category, together)).toEqual({ 12: 0.2, [MISSING_KEY]: 0.8 });
});

it('traffic that is sampled from some day on, as it was before, is no drift', () => {
  const params: DriftWatchParams = { kind: 'quantity', threshold: 43_200, tolerance: 0.05 };
  const state = startDriftWatch();
  const whole = folded([
    ...Array.from({ length: 10 }, () => one(1, 1000, 800)),
    ...Array.from({ length: 40 }, () => one(1, 10, 30)),
  ]);
  const events = [];
  for (let minute = 0; minute < 9 * 1440; minute++) {
    const keys = duration.keysOf(minute < 8 * 1440 ? whole : sampled);
    events.push(...watchDrift(params, state, minute, { ...keys, renewed: -1, renewals: 0 }));
  }
  expect(state.frozen).not.toBeNull();
  expect(events).toEqual([]);
});

it('a calibration is that of the traffic, not of what was kept of it', () => {
  const book = new TallyBook();
  const say = (weight: number, confidence: number, isRight: boolean): void =>
    foldJointByEvent(
      book,
      plan,
      one(weight, null, 10),
      [
        { rating: { type: 'evaluation', evaluation: STATED, score: null, confidence }, at: MINUTE * 60_000 },
        { rating: { type: 'label', label: LABEL, value: isRight }, at: MINUTE * 60_000 },
      ],
      1,
    );
  // Nine of ten are right, as stated; of the right ones one in nine was kept.
  for (let i = 0; i < 200; i++) say(9, 0.9, true);
  for (let i = 0; i < 200; i++) say(1, 0.9, false);
  const tally = book.tallyOf(book.row(EVENT_CLOCK, MINUTE, SERVICE, 0, 0));
  const found = estimateCalibration(tally, bins);
  expect(found).toMatchObject({ n: 400, status: 'ok' });
  expect(found.value).toBeLessThan(0.01);
  expect((found.detail as { brier: number }).brier).toBeCloseTo(0.09, 3);
  expect(counters.extraWeight(tally, counters.confidenceSum(bins[18]!, 'n'))).toBe(200 * 8e6);
});
