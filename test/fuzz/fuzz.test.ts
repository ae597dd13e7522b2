import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzz, openTargets } from './run.ts';

let opened: Awaited<ReturnType<typeof openTargets>>;
beforeAll(async () => {
  opened = await openTargets(1);
});
afterAll(() => opened.end());

it('four thousand inputs that nobody meant end as declared (`npm run fuzz` gives a million)', async () => {
  const tally = await fuzz(opened.targets, 4000, 1);
  // Each target gets far enough to take some, and to refuse some.
  for (const [name, ends] of Object.entries(tally)) {
    expect(ends['taken'], name).toBeGreaterThan(10);
    expect(
      Object.keys(ends).some((end) => end.startsWith('refused')),
      name,
    ).toBe(true);
  }
});
