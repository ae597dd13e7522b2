import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Objective } from '../../../src/model/config/objective.ts';
import { Service } from '../../../src/model/config/service.ts';
import type { IncidentJson } from '../../../src/model/incident.ts';
import { MODEL_CHANGE, OUTAGE } from '../../../src/server/demo/history.ts';
import { sendHistory } from '../../../src/server/demo/send-history.ts';
import { Sender } from '../../../src/server/demo/sender.ts';
import { BAD_MODEL, configurationFiles } from '../../../src/server/demo/services.ts';
import { seeded } from '../../../src/server/random.ts';
import { World } from '../world.ts';

const MINUTE = 60_000;

const documents = Object.entries(configurationFiles({ http: 0, otlpHttp: 0, sinks: [] }))
  .filter(([name]) => name.startsWith('services/'))
  .flatMap(([, text]) => parseAllDocuments(text).map((one) => one.toJS() as { kind: string }));
const ofKind = (kind: string): object[] => documents.filter((one) => one.kind === kind);

// At midnight there is a quarter of the traffic of noon: with seed 12 an outage of 45 minutes went by unnoticed.
describe.each([
  ['by day', '2026-11-20T13:10:30Z', 1],
  ['at midnight', '2026-11-20T00:10:30Z', 12],
])('the thirty days of the demo, started %s', (_, startedAt, seed) => {
  let world: World;
  let sent: number;
  let incidents: IncidentJson[];

  beforeAll(async () => {
    world = await World.start({
      now: Date.parse(startedAt),
      services: ofKind('Service').map((one) => Service.parse(one)),
      objectives: ofKind('Objective').map((one) => Objective.parse(one)),
    });
    sent = await sendHistory(new Sender(world.plimsoll.addresses), world.now, seeded(seed), () => {});
    await world.plimsoll.tick();
    incidents = (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents.toReversed();
  });
  afterAll(() => world.end());

  it('hold two breaches and no more, both over', () => {
    expect(incidents.map(({ service, category, state }) => [service, category, state])).toEqual([
      [MODEL_CHANGE.service, 'ai.accuracy.wrong_answer', 'resolved'],
      [OUTAGE.service, 'ai.availability.outage', 'resolved'],
    ]);
  });

  it('each began and ended in event time, near the times at which it was made', () => {
    for (const [i, { agoMs, forMs }] of [MODEL_CHANGE, OUTAGE].entries()) {
      const { startedAt, detectedAt, resolvedAt, detectedLate } = incidents[i]!;
      const from = world.now - agoMs;
      expect(Math.abs(Date.parse(startedAt) - from)).toBeLessThan(30 * MINUTE);
      expect(Date.parse(detectedAt) - from).toBeLessThan(forMs);
      expect(Date.parse(resolvedAt!)).toBeGreaterThan(from + forMs);
      expect(Date.parse(resolvedAt!)).toBeLessThan(from + forMs + 8 * 60 * MINUTE);
      expect(detectedLate).toBe(true);
    }
  });

  it('the bad model is named, and the change that brought it', () => {
    expect(incidents[0]!.slices[0]?.name).toBe(`response_model=${BAD_MODEL}`);
    expect(incidents[0]!.changes[0]).toMatchObject({ type: 'model_version', after: BAD_MODEL, origin: 'declared' });
  });

  it('every promise of today is met, on as many interactions as were sent', async () => {
    const { objectives } = await world.get<{
      objectives: { name: string; verdict: string; estimate: { n: number } }[];
    }>('/objectives');
    expect(objectives.filter(({ verdict }) => verdict !== 'met')).toEqual([]);
    const counted = objectives
      .filter(({ name }) => name.endsWith('-availability'))
      .reduce((sum, { estimate }) => sum + estimate.n, 0);
    // The windows hold 28 of the thirty days.
    expect(counted / sent).toBeGreaterThan(0.92);
    expect(counted).toBeLessThan(sent);
  });
});
