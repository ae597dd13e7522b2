import { expect, it } from 'vitest';
import { EMPTY_SPAN } from '../../../src/model/span.ts';
import { verifyStore } from '../../../src/store/sqlite/verify.ts';
import { END, LedgerWorld, records, resources } from '../ledger-world.ts';

const span = { ...EMPTY_SPAN, service: resources[0]!, kind: 'model' as const, endTenths: END };

it.each([
  ['minute', 'tally'],
  ['hour', 'tally_hour'],
  ['day', 'tally_day'],
] as const)('a tally of a %s that is gone is named', (length, table) => {
  const world = new LedgerWorld();
  world.commit([records([{ ...span, traceId: 'a'.repeat(16), spanId: 'b'.repeat(8) }])]);
  expect(world.differences()).toEqual([]);
  world.db.exec(`delete from ${table} where dimension = 0`);
  const { differing, differences } = verifyStore(world.file);
  expect(differing).toBeGreaterThan(0);
  expect(differences).toContainEqual(expect.objectContaining({ length, slice: 'all', clock: 'event' }));
  world.end();
});
