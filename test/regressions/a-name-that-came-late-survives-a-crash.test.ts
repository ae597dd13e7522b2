import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { END, LedgerWorld, NOW, records, resources } from '../store/ledger-world.ts';

const common = { ...EMPTY_SPAN, traceId: 'trace'.padEnd(16), service: resources[0]!, endTenths: END };
const agent = { ...common, spanId: 'agent'.padEnd(8), kind: 'agent' as const };
const call = {
  ...common,
  spanId: 'call'.padEnd(8),
  parentSpanId: agent.spanId,
  kind: 'model' as const,
  endTenths: END - 20,
  conversationId: 'conversation',
};
const thumb: NewRating = {
  identity: 'thumb',
  target: { trace: '', span: '', response: '', interaction: '', conversation: 'conversation', service: '' },
  rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
  detail: null,
  at: NOW + 1000,
  isTimed: true,
};

// The interaction lies beside the agent's span, whose part was written and pointed at long before: its new name was lost.
it('an interaction is found by the conversation that a late span told of, after a crash', () => {
  const world = new LedgerWorld();
  world.commit([records([agent])]);
  world.settle();
  world.commit([records([call])]);
  world.crash();
  const [result] = world.commit([{ type: 'ratings', ratings: [thumb] }]);
  expect(result).toEqual({ type: 'ratings', outcomes: ['accepted'] });
  expect(world.differences()).toEqual([]);
  world.end();
});
