import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { formatProblems } from '../../src/server/config/problem.ts';
import { parseScenarios } from '../../src/server/scenarios/parse.ts';
import { play } from '../../src/server/scenarios/play.ts';
import type { Scenario, Tick, Traffic } from '../../src/server/scenarios/scenario.ts';
import { type Exchange, exchange, World } from '../server/world.ts';
import { incidentsOf } from './traffic.ts';

const MINUTE = 60_000;

/** What a scenario file says becomes of a whole Plimsoll, too: with its doors, its store, its judge. Of these files, and no longer than so many minutes. */
const FILES = globSync('{late-data,flap,slow-service}.txt', { cwd: import.meta.dirname });
const MINUTES_MAX = 250;

const scenarios = FILES.flatMap((file) => {
  const result = parseScenarios(file, readFileSync(join(import.meta.dirname, file), 'utf8'));
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.scenarios;
});

/** What spans each tick brings. */
function sent({ start, traffic }: Scenario): Map<Tick, Exchange[]> {
  const byTick = new Map<Tick, Exchange[]>();
  for (const one of traffic)
    for (let minute = one.from; minute <= one.to; minute++) {
      const tick = arrivalOf(one, minute);
      byTick.set(tick, [...(byTick.get(tick) ?? []), ...exchangesOf(one, (start + minute) * MINUTE)]);
    }
  return byTick;
}

const arrivalOf = ({ arrives }: Traffic, minute: Tick): Tick =>
  arrives === null ? minute + 1 : 'at' in arrives ? Math.max(arrives.at, minute + 1) : minute + 1 + arrives.lateMinutes;

const exchangesOf = ({ service, items, weight }: Traffic, at: number): Exchange[] =>
  items.flatMap((item) => {
    if (item.type === 'ratings') throw new Error('ratings are not sent here');
    return Array.from({ length: item.count }, (_, i) =>
      exchange(service, at + 11_000 + Math.floor((i * 45_000) / item.count), {
        failed: item.failure !== null,
        durationMs: item.durationMs,
        traceState: weight === 4 ? 'ot=th:c' : '',
      }),
    );
  });

const essence = ({ startedAt, detectedAt, resolvedAt, state, priority, flags }: IncidentJson) => ({
  startedAt: Date.parse(startedAt),
  detectedAt: Date.parse(detectedAt),
  resolvedAt: resolvedAt === null ? null : Date.parse(resolvedAt),
  state,
  priority,
  flags: flags.filter((flag) => flag !== 'stale'),
});

describe.each(scenarios.map((scenario) => ({ scenario, title: `${scenario.file}: ${scenario.title}` })))(
  '$title',
  { concurrent: false },
  ({ scenario }) => {
    it('goes the same way in a whole Plimsoll', async () => {
      const { standings } = await play(scenario);
      const last = Math.max(...standings.keys());
      expect(last).toBeLessThan(MINUTES_MAX);
      const world = await World.start({
        now: scenario.start * MINUTE,
        services: scenario.services,
        objectives: scenario.objectives,
      });
      try {
        const brought = sent(scenario);
        for (let tick = 1; tick <= last; tick++) {
          world.now = (scenario.start + tick) * MINUTE + 15_000;
          await world.spans(brought.get(tick) ?? []);
          expect(await world.plimsoll.tick()).not.toBeNull();
          const standing = standings.get(tick);
          if (standing === undefined) continue;
          for (const [name, { verdict }] of standing.readings)
            expect([tick, name, world.plimsoll.judge.readingOf(name)?.verdict]).toEqual([tick, name, verdict]);
          const incidents = (await incidentsOf(world)).toReversed().map(essence);
          expect([tick, incidents]).toEqual([
            tick,
            standing.incidents.map(({ startedAt, detectedAt, resolvedAt, state, priority, flags }) => ({
              startedAt,
              detectedAt,
              resolvedAt,
              state,
              priority,
              flags,
            })),
          ]);
        }
        await world.post('/settle', {});
        expect(world.verify()).toMatchObject({ differing: 0, unsettled: 0 });
      } finally {
        await world.end();
      }
    });
  },
);
