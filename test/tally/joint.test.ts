import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Interaction } from '../../src/model/interaction.ts';
import { EVENT_CLOCK, LABEL_CLOCK, TallyBook } from '../../src/tally/book.ts';
import { confidenceSum, judgedSum, pairSum, reliance } from '../../src/tally/counters.ts';
import { count, type Tally } from '../../src/tally/group.ts';
import { foldJointByEvent, foldJointByLabel, jointLabelMinutes, type Said } from '../../src/tally/joint.ts';
import { CONFIDENCE_BINS, PLAIN_PLAN, type ServicePlan, SliceValues } from '../../src/tally/plan.ts';

const SERVICE = 7;
const MINUTE = 29_000_000;
const [RANDOM, VOLUNTARY, JUDGE, STATED, PAIR, RELIANCE, MODEL] = [50, 51, 60, 61, 70, 71, 90];
const bins = Array.from({ length: CONFIDENCE_BINS }, (_, bin) => 100 + bin);
const plan: ServicePlan = {
  ...PLAIN_PLAN,
  service: SERVICE,
  evaluations: new Map([[JUDGE, { low: 0, high: 10, good: 'high', marks: [] }]]),
  joints: {
    pairs: [{ code: PAIR, labels: [RANDOM], evaluation: JUDGE }],
    confidences: [{ bins, labels: [RANDOM], evaluation: STATED }],
    reliances: [{ code: RELIANCE, labels: [RANDOM, VOLUNTARY] }],
    models: new SliceValues(),
  },
};
const interaction = { endTenths: MINUTE * 600, weight: 1, responseModel: MODEL } as Interaction;
const at = (minutes: number): number => (MINUTE + minutes) * 60_000;

const label = (code: number, value: boolean, minutes = 1): Said => ({
  rating: { type: 'label', label: code, value },
  at: at(minutes),
});
const scored = (score: number): Said => ({ rating: { type: 'evaluation', evaluation: JUDGE, score }, at: at(1) });
const stated = (confidence: number): Said => ({
  rating: { type: 'evaluation', evaluation: STATED, score: null, confidence },
  at: at(1),
});
const decided = (value: string, minutes = 1): Said => ({
  rating: { type: 'feedback', kind: 'decision', value },
  at: at(minutes),
});

function byEvent(said: readonly Said[], model = 0): Tally {
  const book = new TallyBook();
  foldJointByEvent(book, plan, interaction, said, 1);
  return book.tallyOf(book.row(EVENT_CLOCK, MINUTE, SERVICE, model === 0 ? 0 : 13, model));
}
const byLabel = (said: readonly Said[], minute: number): Tally => {
  const book = new TallyBook();
  foldJointByLabel(book, plan, interaction, said, null, 1);
  return book.tallyOf(book.row(LABEL_CLOCK, minute, SERVICE, 0, 0));
};

it('a score without a label is judged; with one drawn at random it is a pair, in millionths', () => {
  expect([...byEvent([scored(9)])]).toEqual([
    [judgedSum(PAIR, 'ff'), 810_000],
    [judgedSum(PAIR, 'f'), 900_000],
    [judgedSum(PAIR, 'n'), 1],
  ]);
  const pair = byEvent([label(RANDOM, true), scored(9)]);
  expect(count(pair, judgedSum(PAIR, 'n'))).toBe(0);
  const sums = (['n', 'y', 'f', 'ff', 'yf'] as const).map((sum) => count(pair, pairSum(PAIR, sum)));
  expect(sums).toEqual([1, 1, 900_000, 810_000, 900_000]);
});

it('voluntary labels make no pair', () => {
  expect(byEvent([label(VOLUNTARY, true), scored(9)])).toEqual(byEvent([scored(9)]));
});

it('confidence counts in its bin, for the service and for the model version, labelled or not', () => {
  for (const tally of [byEvent([stated(0.93)]), byEvent([stated(0.93)], MODEL)])
    expect([...tally]).toEqual([[confidenceSum(bins[18]!, 'stated'), 1]]);
  const labelled = byEvent([stated(1), label(RANDOM, false)], MODEL);
  const sums = (['stated', 'n', 'y', 'c', 'cc', 'cy'] as const).map((sum) =>
    count(labelled, confidenceSum(bins[19]!, sum)),
  );
  expect(sums).toEqual([1, 1, 0, 1_000_000, 1_000_000, 0]);
});

it('of several labels the majority decides, and a tie is no proof that the answer was right', () => {
  const accepted = (...values: boolean[]): Tally =>
    byEvent([decided('accepted'), ...values.map((value) => label(RANDOM, value))]);
  expect([...accepted(true, true, false)]).toEqual([[reliance(RELIANCE, true, true), 1]]);
  expect([...accepted(true, false)]).toEqual([[reliance(RELIANCE, true, false), 1]]);
});

it('reliance is known when the decision and the label are there, whichever came last', () => {
  const said = [decided('overridden', 5), label(VOLUNTARY, false, 90), label(RANDOM, false, 200)];
  expect(jointLabelMinutes(plan, interaction, said)).toEqual([MINUTE + 90]);
  expect([...byLabel(said, MINUTE + 90)]).toEqual([[reliance(RELIANCE, false, false), 1]]);
  expect([...byLabel([decided('accepted', 0), label(RANDOM, true, 10_080)], MINUTE + 10_080)]).toEqual([]);
});

const anySaid = fc.oneof(
  fc
    .record({ code: fc.constantFrom(RANDOM!, VOLUNTARY!), value: fc.boolean(), m: fc.nat(20_000) })
    .map(({ code, value, m }) => label(code, value, m)),
  fc.double({ min: -1, max: 11, noNaN: true }).map(scored),
  fc.double({ min: 0, max: 1, noNaN: true }).map(stated),
  fc.constantFrom('accepted', 'overridden').chain((value) => fc.nat(20_000).map((m) => decided(value, m))),
);

it('the order in which things were said makes no difference, and taking back leaves nothing', () => {
  fc.assert(
    fc.property(fc.array(anySaid, { maxLength: 8 }), fc.constantFrom(1, 4, 2.5), (said, weight) => {
      const one = { ...interaction, weight };
      const book = new TallyBook();
      for (const sign of [1, -1] as const) {
        const order = sign === 1 ? said : said.toReversed();
        foldJointByEvent(book, plan, one, order, sign);
        foldJointByLabel(book, plan, one, order, null, sign);
      }
      for (let row = 0; row < book.rows; row++) expect(book.tallyOf(row).size).toBe(0);
    }),
  );
});
