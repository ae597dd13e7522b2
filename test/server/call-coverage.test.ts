import { afterEach, expect, it } from 'vitest';
import { samples } from '../collectors/otlp/samples.ts';
import { exchange, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const MINUTE = 60_000;

let world: World;
afterEach(() => world.end());

/** Says that the service made so many calls in the ten minutes before now. */
const metrics = (name: string, calls: number, scope?: string): Promise<void> =>
  world.countCalls(name, calls, NOW - 10 * MINUTE, NOW, scope);

const spans = (name: string, n: number): Promise<void> =>
  world.spans(
    Array.from({ length: n }, (_, i) =>
      exchange(name, NOW - 10 * MINUTE + 1 + Math.floor((i * 10 * MINUTE) / (n + 1))),
    ),
  );

interface Service {
  readonly callCoverage: Readonly<Record<string, unknown>> | null;
  readonly findings: readonly { kind: string; detail: string }[];
}

async function judged(name: string): Promise<Service> {
  world.now = NOW + 2 * MINUTE;
  await world.plimsoll.tick();
  return world.get<Service>(`/services/${name}`);
}

const kinds = ({ findings }: Service): string[] => findings.map(({ kind }) => kind);
const page = async (): Promise<string> => (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();

it('calls that metrics know of and that never came as spans are a finding, and no interactions', async () => {
  world = await World.start({ now: NOW, services: [service('bot')] });
  await spans('bot', 60);
  await metrics('bot', 100);
  await metrics('bot', 100);
  // A second library that sees the same calls, and the first of them less.
  await metrics('bot', 90, 'other');
  const bot = await judged('bot');
  expect(bot.callCoverage).toEqual({
    from: '2026-11-20T11:50:00.000Z',
    to: '2026-11-20T12:00:00.000Z',
    inMetrics: 100,
    failedInMetrics: 0,
    asSpans: 60,
    coverage: 0.6,
  });
  expect(kinds(bot)).toContain('spans_missing');
  const { interactions } = await world.get<{ interactions: unknown[] }>('/services/bot/interactions?limit=1000');
  expect(interactions).toHaveLength(60);
  expect(await page()).toContain('plimsoll_call_coverage_ratio{service="bot",environment=""} 0.6\n');
  expect(await page()).toContain(
    'plimsoll_ingest_signals_total{source="otlp_http",signal="metric_point",result="duplicate"} 1\n',
  );
  await world.restart();
  await metrics('bot', 100);
  expect((await judged('bot')).callCoverage).toMatchObject({ inMetrics: 100 });
});

it('spans that are all there are none', async () => {
  world = await World.start({ now: NOW, services: [service('bot')] });
  await spans('bot', 99);
  await metrics('bot', 100);
  const bot = await judged('bot');
  expect(bot.callCoverage).toMatchObject({ inMetrics: 100, asSpans: 99, coverage: 0.99 });
  expect(kinds(bot)).not.toContain('spans_missing');
});

it('a service whose metrics alone come has no coverage at all, and says so', async () => {
  world = await World.start({ now: NOW, services: [service('bot'), service('quiet')] });
  await metrics('bot', 100);
  expect(kinds(await judged('bot'))).toContain('spans_missing');
  expect(await world.get('/services/quiet')).toMatchObject({ callCoverage: null });
});

it('calls of sampled traces stand for those that were left out', async () => {
  const { protobuf, expected } = samples.find(({ name }) => name.endsWith('__sampled-ot-th'))!;
  const end = Math.max(...expected.interactions.map((row) => Number(row['start']) + Number(row['durationMs'])));
  world = await World.start({ now: end + MINUTE, services: [service('support-assistant')] });
  for (const body of protobuf) {
    const headers = { 'content-type': 'application/x-protobuf' };
    const url = `${world.plimsoll.addresses.otlpHttp}/v1/traces`;
    expect((await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })).status).toBe(200);
  }
  const calls = expected.interactions.reduce((sum, row) => sum + Number(row['weight'] ?? 1), 0);
  expect(calls).toBeGreaterThan(expected.interactions.length);
  await world.countCalls('support-assistant', calls, Math.floor(end) - 2000, Math.floor(end));
  world.now = end + 3 * MINUTE;
  await world.plimsoll.tick();
  const found = await world.get<Service>('/services/support-assistant');
  expect(found.callCoverage).toMatchObject({ inMetrics: calls, asSpans: calls, coverage: 1 });
  expect(kinds(found)).not.toContain('spans_missing');
});
