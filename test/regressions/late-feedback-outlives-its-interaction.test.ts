import { expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { END, LedgerWorld, NOW, records, resources } from '../store/ledger-world.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

const span = (n: number, at: number): Span => ({
  ...EMPTY_SPAN,
  traceId: `trace ${n}`.padEnd(16),
  spanId: `${n}`.padEnd(8),
  service: resources[0]!,
  kind: 'model',
  endTenths: END + Math.floor(at / 100),
});

const thumb = (n: number, at: number): Parameters<LedgerWorld['commit']>[0][number] => ({
  type: 'ratings',
  ratings: [
    {
      identity: `thumb ${n}`,
      target: {
        trace: `trace ${n}`.padEnd(16),
        span: '',
        response: '',
        interaction: '',
        conversation: '',
        service: '',
      },
      rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
      detail: null,
      at: NOW + at,
      isTimed: true,
    },
  ],
});

// The row of such a feedback goes with its interaction. What it counted on the clock of labels, days later, was then compared
// with nothing, and a change of configuration would have taken it out of the tallies.
it('feedback of days later does not make verify fail when its interaction is past its retention', () => {
  const world = new LedgerWorld({ interactionsMs: 2 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY });
  world.commit([records([span(1, 0)])]);
  world.now = NOW + DAY;
  world.commit([records([span(2, DAY)]), thumb(1, DAY), thumb(2, DAY + HOUR)]);
  world.settle();
  world.now = NOW + 2 * DAY + HOUR;
  for (let i = 0; i < 20; i++) world.settle();
  expect(world.db.prepare('select count(*) as n from rating').get()).toEqual({ n: 1 });
  expect(world.differences()).toEqual([]);
  expect(world.compared).toBeGreaterThan(0);
  world.end();
});
