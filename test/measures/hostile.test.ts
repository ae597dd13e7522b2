import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asymptoticSequence } from '../../src/measures/asymptotic-sequence.ts';
import { brier, calibration } from '../../src/measures/calibration.ts';
import { calibrateBins, estimatedAccuracy, expectedConfusion, mayEstimate } from '../../src/measures/cbpe.ts';
import { completedShare, delayedNull, labelArrival } from '../../src/measures/completeness.ts';
import { mover, newcombe } from '../../src/measures/difference.ts';
import {
  betaQuantile,
  binomialCdf,
  binomialQuantile,
  chiSquareTail,
  gammaQuantile,
  kolmogorovTail,
  negativeBinomialTail,
  normalQuantile,
  studentQuantile,
} from '../../src/measures/distributions.ts';
import { binnedDrift } from '../../src/measures/drift-statistics.ts';
import { jeffreys } from '../../src/measures/jeffreys.ts';
import { meanSequence } from '../../src/measures/mean-sequence.ts';
import { benjaminiHochberg, eBenjaminiHochberg } from '../../src/measures/multiplicity.ts';
import { postStratify, sensitivity } from '../../src/measures/post-stratification.ts';
import { ppi, stratifiedPpi } from '../../src/measures/ppi.ts';
import { quantileInterval, quantileRanks } from '../../src/measures/quantile.ts';
import { effective, represented } from '../../src/measures/sampling.ts';
import { estimateShare } from '../../src/measures/share.ts';
import { shareSequence } from '../../src/measures/share-sequence.ts';
import { lnBeta, lnGamma } from '../../src/measures/special.ts';
import { TRUST_WEIGHTS, type TrustComponent, trustIndex } from '../../src/measures/trust-index.ts';
import { wilson, wilsonOfShare } from '../../src/measures/wilson.ts';
import { ndcg, precisionAt, reciprocalRank } from '../../src/tally/ranking.ts';
import { expectSane, hostileList, hostileNumbers, law, lawsOf, type OfNumbers } from '../hostile.ts';

const INTERVAL = ['value', 'low', 'high', 'share', 'coverage'];
const bins = fc.array(fc.record({ n: hostileNumbers, correct: hostileNumbers, mid: hostileNumbers }), { maxLength: 4 });
const binsOfConfidence = fc.array(
  fc.record({ n: hostileNumbers, sumConfidence: hostileNumbers, correct: hostileNumbers }),
  { maxLength: 4 },
);
const pairSums = fc.record({
  n: hostileNumbers,
  sumY: hostileNumbers,
  sumYY: hostileNumbers,
  sumF: hostileNumbers,
  sumFF: hostileNumbers,
  sumYF: hostileNumbers,
  unlabelled: hostileNumbers,
  unlabelledF: hostileNumbers,
  unlabelledFF: hostileNumbers,
});
const seen = fc.record(
  {
    n: hostileNumbers,
    bad: hostileNumbers,
    eligible: hostileNumbers,
    hidden: hostileNumbers,
    extra: fc.record({ n: hostileNumbers, bad: hostileNumbers, squares: hostileNumbers }),
  },
  { requiredKeys: ['n', 'bad', 'eligible', 'hidden'] },
);
const located = fc.record({ value: hostileNumbers, low: hostileNumbers, high: hostileNumbers });
const parts = fc.dictionary(
  fc.constantFrom(...(Object.keys(TRUST_WEIGHTS) as TrustComponent[])),
  fc.record({ good: hostileNumbers, n: hostileNumbers, prior: fc.option(hostileNumbers) }),
);

/** Of numbers alone; `arity` of them. */
const ofNumbers: readonly OfNumbers[] = [
  ['wilson', 3, (s, n, level) => wilson(s!, n!, level), { shares: INTERVAL }],
  ['wilsonOfShare', 3, (s, n, level) => wilsonOfShare(s!, n!, level), { shares: INTERVAL }],
  ['jeffreys', 3, (s, n, level) => jeffreys(s!, n!, level), { shares: INTERVAL }],
  ['shareSequence', 3, (s, n, alpha) => shareSequence(s!, n!, alpha), { shares: INTERVAL }],
  [
    'meanSequence',
    4,
    (n, sum, squares, alpha) => meanSequence({ n: n!, sum: sum!, squares: squares! }, alpha),
    { shares: INTERVAL },
  ],
  ['asymptoticSequence', 5, (mean, variance, n, alpha, at) => asymptoticSequence(mean!, variance!, n!, alpha, at)],
  ['newcombe', 5, (a, n, b, m, level) => newcombe(a!, n!, b!, m!, level)],
  ['delayedNull', 3, (q0, bad, good) => delayedNull(q0!, bad!, good!), { shares: [''] }],
  ['completedShare', 4, (b, g, ofBad, ofGood) => completedShare(b!, g!, ofBad!, ofGood!), { shares: ['share'] }],
  ['sensitivity', 3, (share, objective, rate) => sensitivity(share!, objective!, rate!)],
  ['quantileRanks', 3, (n, q, level) => quantileRanks(n!, q!, level)],
  [
    'brier',
    4,
    (n, sumCC, sumCY, sumY) => brier({ n: n!, sumCC: sumCC!, sumCY: sumCY!, sumY: sumY! }),
    { shares: [''] },
  ],
  ['normalQuantile', 1, (p) => normalQuantile(p!)],
  ['betaQuantile', 3, (p, a, b) => betaQuantile(p!, a!, b!), { shares: [''] }],
  ['gammaQuantile', 2, (p, shape) => gammaQuantile(p!, shape!)],
  ['studentQuantile', 2, (p, df) => studentQuantile(p!, df!)],
  ['chiSquareTail', 2, (x, df) => chiSquareTail(x!, df!), { shares: [''] }],
  ['kolmogorovTail', 1, (x) => kolmogorovTail(x!), { shares: [''] }],
  ['binomialCdf', 3, (k, n, p) => binomialCdf(k!, n!, p!), { shares: [''] }],
  ['binomialQuantile', 3, (p, n, share) => binomialQuantile(p!, n!, share!)],
  ['negativeBinomialTail', 3, (k, size, p) => negativeBinomialTail(k!, size!, p!), { shares: [''] }],
  ['lnGamma', 1, (x) => lnGamma(x!)],
  ['lnBeta', 2, (a, b) => lnBeta(a!, b!)],
];

describe('whatever they are given, measures refuse it or say something that can be', () => {
  lawsOf(ofNumbers);

  law(
    'an estimate of a share',
    fc.property(seen, (counts) => expectSane(() => estimateShare(counts), { shares: INTERVAL })),
  );
  law(
    'what sampled events stand for',
    fc.property(seen, (counts) => {
      expectSane(() => represented(counts));
      expectSane(() => effective(counts));
    }),
  );
  law(
    'mover',
    fc.property(located, located, (a, b) => expectSane(() => mover(a, b))),
  );
  law(
    'calibration',
    fc.property(binsOfConfidence, (given) =>
      expectSane(() => calibration(given), {
        shares: ['ece', 'mce', 'adaptiveEce', 'reliability', 'resolution', 'uncertainty'],
      }),
    ),
  );
  law(
    'cbpe',
    fc.property(bins, hostileList(0, 4), hostileNumbers, (reference, production, level) => {
      expectSane(() => calibrateBins(reference), { shares: [''] });
      expectSane(() => estimatedAccuracy(reference, production, level), { shares: [...INTERVAL, 'calibrated'] });
      expectSane(
        () =>
          expectedConfusion(
            reference.map(({ mid }) => mid),
            production,
            level,
          ),
        { shares: ['accuracy', 'precision', 'recall', 'f1'] },
      );
      expectSane(() => mayEstimate(reference, production, level));
    }),
  );
  law(
    'label arrival',
    fc.property(fc.array(hostileList(1, 3), { maxLength: 3 }), hostileList(0, 3), (cohorts, observed) =>
      expectSane(() => labelArrival(cohorts, observed), { shares: ['completeness'] }),
    ),
  );
  law(
    'drift',
    fc.property(
      hostileList(2, 4),
      hostileList(2, 4),
      fc.option(hostileList(2, 4), { nil: undefined }),
      (a, b, positions) =>
        expectSane(() => binnedDrift(a, b, positions), {
          shares: ['jsBits', 'jsDistance', 'ks', 'ksP', 'psiP', 'chiSquareP', 'gP', 'cramersV'],
        }),
    ),
  );
  law(
    'multiplicity',
    fc.property(hostileList(), hostileNumbers, (values, alpha) => {
      expectSane(() => benjaminiHochberg(values, alpha));
      expectSane(() => eBenjaminiHochberg(values, alpha));
    }),
  );
  law(
    'post-stratification',
    fc.property(
      fc.array(fc.record({ population: hostileNumbers, n: hostileNumbers, good: hostileNumbers }), { maxLength: 4 }),
      (strata) => expectSane(() => postStratify(strata), { shares: ['share', 'responseRate', 'worst', 'best'] }),
    ),
  );
  law(
    'ppi',
    fc.property(pairSums, fc.boolean(), hostileNumbers, (sums, binary, level) =>
      expectSane(() => ppi(sums, binary, level), { shares: [...INTERVAL, 'lambda'] }),
    ),
  );
  law(
    'stratified ppi',
    fc.property(fc.array(pairSums, { maxLength: 3 }), hostileNumbers, (strata, level) =>
      expectSane(() => stratifiedPpi(strata, level), { shares: [...INTERVAL, 'lambdas'] }),
    ),
  );
  law(
    'ranking',
    fc.property(hostileList(), hostileNumbers, hostileList(), (relevance, k, judged) => {
      for (const gain of ['linear', 'exponential'] as const) {
        expectSane(() => ndcg(relevance, k, gain), { shares: [''] });
        expectSane(() => ndcg(relevance, k, gain, judged), { shares: [''] });
      }
      expectSane(() => precisionAt(relevance, k), { shares: [''] });
      expectSane(() => reciprocalRank(relevance, k), { shares: [''] });
    }),
  );
  law(
    'quantiles',
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -3000, max: 3000 }), hostileNumbers), { maxLength: 4 }),
      hostileNumbers,
      hostileNumbers,
      (buckets, zeros, q) => expectSane(() => quantileInterval({ zeros, buckets: new Map(buckets) }, q)),
    ),
  );
  law(
    'trust',
    fc.property(parts, hostileNumbers, (given, level) => {
      expectSane(() => trustIndex(given, undefined, level), {
        shares: ['coverage', 'satisfaction', 'reliance', 'safety'],
      });
      expectSane(
        () => {
          const index = trustIndex(given);
          return index === null
            ? null
            : [index.value, index.low, index.high, index.ungated, ...index.rangeIfMissing].map(
                (points) => points / 100,
              );
        },
        { shares: [''] },
      );
    }),
  );
});

it('nothing seen is undefined: never 0 and never 1', () => {
  expect(estimateShare({ n: 0, bad: 0, eligible: 0, hidden: 0 })).toMatchObject({
    value: null,
    low: null,
    high: null,
    status: 'undefined',
  });
  expect(estimateShare({ n: 5, bad: 0, eligible: 5, hidden: 5 })).toMatchObject({
    value: null,
    status: 'insufficient',
  });
  expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  expect(shareSequence(0, 0)).toEqual({ low: 0, high: 1 });
  expect(meanSequence({ n: 0, sum: 0, squares: 0 })).toEqual({ low: 0, high: 1 });
  const nothing = {
    n: 0,
    sumY: 0,
    sumYY: 0,
    sumF: 0,
    sumFF: 0,
    sumYF: 0,
    unlabelled: 0,
    unlabelledF: 0,
    unlabelledFF: 0,
  };
  for (const undefinedResult of [
    newcombe(0, 0, 1, 2),
    completedShare(0, 0, 1, 1),
    calibration([]),
    brier({ n: 0, sumCC: 0, sumCY: 0, sumY: 0 }),
    estimatedAccuracy([], []),
    binnedDrift([0, 0], [1, 1]),
    postStratify([]),
    ppi(nothing, true),
    stratifiedPpi([nothing]),
    ndcg([], 10),
    trustIndex({}),
  ])
    expect(undefinedResult).toBeNull();
});
