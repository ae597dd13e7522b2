import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../src/model/span.ts';
import { hashId, OF_TRACE } from '../../src/store/id-hash.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { POINTER_LIMITS } from '../../src/store/sqlite/pointers.ts';
import { END, LedgerWorld, NOW, records, resources } from '../store/ledger-world.ts';

/** Two ids with one hash: among so many there are some. */
function collision(): [string, string] {
  const byHash = new Map<number, string>();
  for (let i = 0; ; i++) {
    const id = `trace ${i}`.padEnd(16);
    const hash = hashId(id, OF_TRACE);
    const other = byHash.get(hash);
    if (other !== undefined) return [other, id];
    byHash.set(hash, id);
  }
}

const span = (traceId: string) => ({
  ...EMPTY_SPAN,
  traceId,
  spanId: 'call'.padEnd(8),
  service: resources[0]!,
  kind: 'model' as const,
  endTenths: END,
});

// In memory there was another trace of the same hash: what was written long before was not looked for any more.
it('feedback finds a trace that only the disk knows, whatever else has its hash', () => {
  Object.assign(POINTER_LIMITS, { generation: 1, filterBytes: 0 });
  const [old, recent] = collision();
  const world = new LedgerWorld();
  world.commit([records([span(old)])]);
  world.settle();
  for (const traceId of ['one', 'two', 'three'].map((name) => name.padEnd(16)))
    world.commit([records([span(traceId)])]);
  world.commit([records([span(recent)])]);
  const thumb: NewRating = {
    identity: 'thumb',
    target: { trace: old, span: '', response: '', interaction: '', conversation: '', service: '' },
    rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
    detail: null,
    at: NOW + 1000,
    isTimed: true,
  };
  const [result] = world.commit([{ type: 'ratings', ratings: [thumb] }]);
  expect(result).toEqual({ type: 'ratings', outcomes: ['accepted'] });
  expect(world.differences()).toEqual([]);
  world.end();
});
