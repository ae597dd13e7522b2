import { expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { END, evaluation, LedgerWorld, NOW, plans, records, resources } from '../store/ledger-world.ts';

const span = {
  ...EMPTY_SPAN,
  traceId: 'trace'.padEnd(16),
  spanId: 'span'.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths: END - 36_000,
};

// A score without a scale leaves no tally in the minute it became known in: when its service file was given one, that minute was
// not among those to be counted again, detectors never saw the score, and verify failed.
it('scores that came before their scale was declared are counted on both clocks when it is', () => {
  const world = new LedgerWorld();
  const unmapped = plans.map((plan): PlanData => ({ ...plan, evaluations: [] }));
  world.crash(unmapped);
  world.commit([records([span])]);
  world.commit([
    {
      type: 'ratings',
      ratings: [
        {
          identity: 'score',
          target: { trace: span.traceId, span: '', response: '', interaction: '', conversation: '', service: '' },
          rating: { type: 'evaluation', evaluation, score: 0.9 },
          detail: null,
          at: NOW,
          isTimed: true,
        },
      ],
    },
  ]);
  world.settle();
  const labelled = (): unknown => world.db.prepare('select count(*) as n from tally where clock = 1').get();
  expect(labelled()).toEqual({ n: 0 });
  world.crash(plans);
  world.ledger.refold(100, world.now);
  expect(labelled()).toEqual({ n: 2 });
  expect(world.differences()).toEqual([]);
  world.end();
});
