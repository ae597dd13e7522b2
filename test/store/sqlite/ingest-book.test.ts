import { expect, it } from 'vitest';
import type { Interaction } from '../../../src/model/interaction.ts';
import { IngestBook } from '../../../src/store/sqlite/ingest-book.ts';

const of = (promptVersion: number): Interaction =>
  ({ requestModel: 1, responseModel: 2, promptVersion, serviceVersion: 3 }) as Interaction;

it('what runs is told once of each service, of a group two hundred at most, and in the next group again', () => {
  const book = new IngestBook();
  const told = (): [number, number][] =>
    book.take().deployments.map(({ service, promptVersion }) => [service, promptVersion]);
  for (let round = 0; round < 3; round++) for (const service of [7, 8]) book.ran(service, of(1));
  book.ran(7, { ...of(1), serviceVersion: 4 });
  expect(told()).toEqual([
    [7, 1],
    [7, 1],
    [8, 1],
  ]);
  book.clear();
  for (let version = 0; version < 300; version++) book.ran(7, of(version));
  expect(told()).toEqual(Array.from({ length: 200 }, (_, version) => [7, version]));
  book.clear();
  book.ran(7, of(299));
  expect(told()).toEqual([[7, 299]]);
});
