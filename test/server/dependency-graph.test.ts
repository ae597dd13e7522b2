import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DependencyGraphJson } from '../../src/server/api/openapi/dependencies.ts';
import { exchange, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:20Z');
const END = NOW - 90_000;
let world: World;
beforeAll(async () => {
  world = await World.start({
    now: NOW,
    services: [service('bot', { dependsOn: ['openai'] }), service('shop', { dependsOn: ['bot'] })],
  });
  const failing = Array.from({ length: 40 }, (_, i) => exchange('bot', END, { failed: i % 2 === 0 }));
  await world.spans([...failing, exchange('shadow', END, { model: 'o3' })]);
  await world.post('/settle', {});
});
afterAll(() => world.end());

it('says what fails now, and who is above it', async () => {
  const { nodes, edges } = await world.get<DependencyGraphJson>('/dependencies');
  const told = edges.map(({ service, kind, name, source, n, failed }) => [service, kind, name, source, n, failed]);
  expect(told).toEqual([
    ['bot', 'external', 'openai', 'both', 40, 20],
    ['bot', 'model', 'gpt-4o-mini-2024-07-18', 'called', 40, 20],
    ['shop', 'service', 'bot', 'declared', 0, 0],
    ['shadow', 'model', 'o3', 'called', 1, 0],
  ]);
  const node = (name: string) => nodes.find((one) => one.name === name)!;
  expect(node('openai')).toMatchObject({
    failing: true,
    above: [
      { service: 'bot', through: [] },
      { service: 'shop', through: ['bot'] },
    ],
  });
  expect(node('o3')).toMatchObject({ failing: false, recent: { n: 1 }, above: [{ service: 'shadow' }] });
});

it('of one service what it stands on, and what stands on it', async () => {
  const { nodes, edges } = await world.get<DependencyGraphJson>('/dependencies?service=bot');
  expect(edges).toHaveLength(2);
  expect(nodes.find(({ kind }) => kind === 'service')).toMatchObject({ name: 'bot', above: [{ service: 'shop' }] });
  await expect(world.get('/dependencies?service=nobody')).rejects.toThrow(/404/);
});
