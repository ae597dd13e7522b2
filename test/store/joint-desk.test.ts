import { describe, expect, it } from 'vitest';
import { pairKey, relianceKey } from '../../src/model/names.ts';
import type { Rating } from '../../src/model/rating.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { judgedSum, pairSum, reliance } from '../../src/tally/counters.ts';
import { count } from '../../src/tally/group.ts';
import {
  END,
  ENGINES,
  evaluation,
  labels,
  NOW,
  dictionary as names,
  records,
  resources,
  type World,
} from './ledger-world.ts';

const PAIR = names.code(pairKey('correct', { name: 'groundedness', evaluator: 'judge', version: '1' }));
const RELIANCE = names.code(relianceKey('correct', 'random'));
const span: Span = {
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: 'span'.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: END - 36_000,
};

let said = 0;
const say = (world: World, identity: string, rating: Rating, at = NOW + said++): void => {
  const one: NewRating = {
    identity,
    target: { trace: span.traceId, span: '', response: '', interaction: '', conversation: '', service: '' },
    rating,
    detail: null,
    at,
    isTimed: true,
  };
  world.commit([{ type: 'ratings', ratings: [one] }]);
};
const score = (value: number): Rating => ({ type: 'evaluation', evaluation, score: value });
const label = (value: boolean, code = labels[0]!): Rating => ({ type: 'label', label: code, value });

/** What all of the service is counted as, over all minutes of a clock. */
function sums(world: World, clock = 0): Record<string, number> {
  const minutes = world.ofAll(clock);
  const of = (name: number): number => minutes.reduce((sum, { tally }) => sum + count(tally, name), 0);
  return {
    judged: of(judgedSum(PAIR, 'n')),
    pairs: of(pairSum(PAIR, 'n')),
    right: of(pairSum(PAIR, 'y')),
    f: of(pairSum(PAIR, 'f')),
    overTrusted: of(reliance(RELIANCE, true, false)),
    relied: of(reliance(RELIANCE, true, true)),
  };
}
const NOTHING = { judged: 0, pairs: 0, right: 0, f: 0, overTrusted: 0, relied: 0 };

describe.each(ENGINES)('on $engine', ({ begin }) => {
  it('a score waits for its label as judged, follows what is said anew, and its interaction', () => {
    const world = begin();
    world.commit([records([span])]);
    say(world, 'score', score(0.9));
    expect(sums(world)).toEqual({ ...NOTHING, judged: 1 });
    say(world, 'volunteer', label(true, labels[2]));
    expect(sums(world)).toEqual({ ...NOTHING, judged: 1 });
    say(world, 'label', label(true));
    expect(sums(world)).toEqual({ ...NOTHING, pairs: 1, right: 1, f: 900_000 });
    say(world, 'label', label(false));
    say(world, 'score', score(0.2));
    expect(sums(world)).toEqual({ ...NOTHING, pairs: 1, f: 200_000 });
    // What was one interaction becomes part of a longer one, that ended later.
    const parent: Span = { ...span, spanId: 'agent'.padEnd(8), kind: 'agent', endTenths: span.endTenths + 6000 };
    world.commit([records([parent, { ...span, spanId: 'second'.padEnd(8), parentSpanId: parent.spanId }])]);
    expect(sums(world)).toMatchObject({ pairs: 1 });
    expect(world.differences()).toEqual([]);
    world.end();
  });

  it('a decision counts with the label that came a day later, in the minute of the label for detectors', () => {
    const world = begin();
    say(world, 'decision', { type: 'feedback', kind: 'decision', value: 'accepted' }, NOW);
    world.commit([records([span])]);
    expect(sums(world)).toEqual(NOTHING);
    say(world, 'late label', label(false), NOW + 86_400_000);
    expect(sums(world)).toEqual({ ...NOTHING, overTrusted: 1 });
    expect(sums(world, 1)).toEqual({ ...NOTHING, overTrusted: 1 });
    expect(world.ofAll(1).at(-1)?.minute).toBe(Math.floor((NOW + 86_400_000) / 60_000));
    world.crash();
    expect(world.differences()).toEqual([]);
    world.end();
  });
});
