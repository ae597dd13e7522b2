import { expect, test } from 'vitest';
import { exchange, objective, service, World } from './world.ts';

const BOT = service('bot', { evaluations: { groundedness: { pass: 0.7 } } });
const AVAILABILITY = objective('bot-availability', {
  service: 'bot',
  kind: 'SLO',
  measure: { type: 'availability' },
  target: 0.99,
  window: { rolling: '7d' },
});

test('a server on PostgreSQL takes spans, says what they come to, and opens an incident', async () => {
  const world = await World.start({ engine: 'postgres', services: [BOT], objectives: [AVAILABILITY] });
  try {
    const began = world.now;
    for (let minute = 0; minute < 30; minute++) {
      world.now = began + minute * 60_000;
      const failed = minute >= 20;
      await world.spans(Array.from({ length: 20 }, (_, i) => exchange('bot', world.now - i * 10, { failed })));
      world.now += 60_000;
      await world.plimsoll.tick();
    }
    const { interactions } = await world.get<{ interactions: unknown[] }>('/services/bot/interactions?limit=1000');
    expect(interactions).toHaveLength(600);
    const { incidents } = await world.get<{ incidents: { state: string }[] }>('/incidents');
    expect(incidents).toHaveLength(1);
  } finally {
    await world.end();
  }
}, 60_000);
