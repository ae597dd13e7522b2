import { expect, test } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { moveStopped } from '../../src/server/cli/move-stopped.ts';
import { emptyDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { deployment, exchange, objective, service, World } from './world.ts';

const START = Date.parse('2026-11-20T00:00:00Z');
const MINUTE = 60_000;
const ITSELF = /"(http|otlpHttp|otlpGrpc|version|startedAt)":"[^"]*"/g;

test.runIf(hasPostgres)(
  'who asks after a move is answered as before: interactions, counts, verdicts, incidents and timelines, to the byte',
  async () => {
    const owner = { name: 'Jo Doe', email: 'jo@example.com' };
    const services = [
      service('bot', { evaluations: { groundedness: { scale: [0, 1], pass: 0.7 } }, criticality: 2, owner }),
      service('shop', { owner }),
    ];
    const objectives = [
      objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
      objective('fast', { service: 'shop', measure: { type: 'latency', threshold: '1s' }, target: 0.9 }),
      objective('grounded', {
        service: 'bot',
        measure: { type: 'accuracy', evaluation: 'groundedness' },
        target: 0.9,
      }),
    ];
    const old = await World.start({ engine: 'sqlite', now: START, services, objectives });
    const traces: string[] = [];
    for (let minute = 0; minute < 30; minute++) {
      old.now += MINUTE;
      const made = Array.from({ length: 12 }, (_, i) =>
        exchange(i % 4 === 3 ? 'shop' : 'bot', old.now - 30_000 + i * 100, {
          failed: minute >= 20 && i % 2 === 0,
          operation: i % 3 === 0 ? 'invoke_agent' : 'chat',
          durationMs: 300 + 137 * i,
          promptVersion: `${7 + (i % 2)}`,
        }),
      );
      // An agent with a model below it: one interaction, one call.
      const below = made
        .filter(({ operation }) => operation === 'invoke_agent')
        .map((agent) =>
          exchange(agent.service, agent.end - 50, {
            traceId: agent.traceId,
            parentSpanId: agent.spanId,
            durationMs: 90,
          }),
        );
      await old.spans([...made, ...below]);
      traces.push(...made.map(({ traceId }) => traceId));
      if (minute % 5 === 0)
        await old.rate(made.slice(0, 3).map((one, i) => ({ exchange: one, score: i / 3, laterMs: 5000 })));
      await old.post('/feedback', {
        feedback: made
          .slice(3, 5)
          .map(({ traceId }, i) => ({ traceId, kind: 'thumbs', value: i === 0 ? 'up' : 'down' })),
      });
      old.now += 20_000;
      await old.plimsoll.tick();
      old.now -= 20_000;
    }
    const { incidents } = await old.get<{ incidents: IncidentJson[] }>('/incidents');
    expect(incidents.length).toBeGreaterThan(0);
    for (const { id } of incidents) await old.post(`/incidents/${id}/note`, { text: 'looking' });

    const span = `from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z&step=1m`;
    const asked = [
      '/services/bot/interactions?limit=1000',
      '/services/shop/interactions?limit=1000',
      ...traces.map((trace) => `/interactions/${trace}`),
      `/services/bot/measures?${span}`,
      `/services/shop/measures?${span}`,
      '/services',
      ...services.map(({ name }) => `/services/${name}`),
      '/objectives',
      ...objectives.map(({ name }) => `/objectives/${name}`),
      '/incidents',
      '/incidents/statistics',
      ...incidents.map(({ id }) => `/incidents/${id}`),
      '/dependencies',
      '/changes',
      '/problems',
    ];
    const answers = async (world: World): Promise<Record<string, string>> => {
      await world.post('/settle', {});
      const found: Record<string, string> = {};
      for (const path of asked) {
        const response = await fetch(world.api + path);
        expect([path, response.status]).toEqual([path, 200]);
        found[path] = (await response.text()).replaceAll(ITSELF, '');
      }
      return found;
    };
    const before = await answers(old);
    expect(JSON.parse(before[asked[0]!]!).interactions).toHaveLength(270);
    await old.plimsoll.stop();
    const url = emptyDatabase();
    expect(moveStopped(old.file, { url, password: null }, old.now, () => {})).toMatchObject({ isEqual: true });

    const moved = await World.start({
      engine: 'sqlite',
      now: old.now,
      configuration: { deployment: deployment(url), services, objectives },
    });
    try {
      // The first tick of whoever starts on it judges no minute that was judged.
      moved.now += 20_000;
      await moved.plimsoll.tick();
      moved.now -= 20_000;
      const after = await answers(moved);
      expect(asked.filter((path) => after[path] !== before[path])).toEqual([]);
    } finally {
      await moved.end();
      await old.end();
    }
  },
);
