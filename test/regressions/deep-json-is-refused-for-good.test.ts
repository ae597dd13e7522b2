import { afterEach, expect, it } from 'vitest';
import { openDoor, send } from '../collectors/otlp/door.ts';

const open: Awaited<ReturnType<typeof openDoor>>[] = [];
afterEach(() => Promise.all(open.splice(0).map(({ server }) => server.close(0))));

// Showing what was found instead of a span went as deep as the body did, and ended in a full stack: "the store failed, come
// again", which senders did, for ever.
it.each([
  ['lists', (levels: number) => '['.repeat(levels) + ']'.repeat(levels)],
  ['objects', (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`],
])('%s in each other without end are no request', async (_what, deep) => {
  const door = await openDoor();
  open.push(door);
  for (const body of [
    `{"resourceSpans":${deep(200_000)}}`,
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${deep(200_000)}]}]}]}`,
  ]) {
    const headers = { 'content-type': 'application/json' };
    expect((await send(door, { body: Buffer.from(body), headers })).status).toBe(400);
  }
  expect(door.reported).toEqual([]);
});
