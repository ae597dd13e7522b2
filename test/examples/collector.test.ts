import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COLLECTOR } from '../../bench/peer-otelcol/build.ts';
import { eventually } from '../e2e/process.ts';
import { type Exchange, exchange, sendSpans, World } from '../server/world.ts';
import { Gate } from '../standins/gate.ts';
import { isCollectorThere, RealCollector } from '../standins/real-collector.ts';

const CONFIG = resolve(import.meta.dirname, '../../examples/collector/otelcol.yaml');

describe('examples/collector/otelcol.yaml', () => {
  const config = parse(readFileSync(CONFIG, 'utf8'));

  it('sends every span on, and to nowhere but to Plimsoll', () => {
    const { receivers, processors, exporters } = config.service.pipelines.traces;
    expect([receivers, processors, exporters]).toEqual([['otlp'], ['memory_limiter'], ['otlphttp/plimsoll']]);
    expect(Object.keys(config.processors)).toEqual(processors);
    expect(config.exporters['otlphttp/plimsoll'].endpoint).toBe('http://127.0.0.1:4318');
  });

  it('keeps what it accepted on the disk, for as long as it takes', () => {
    const { sending_queue, retry_on_failure } = config.exporters['otlphttp/plimsoll'];
    expect(config.service.extensions).toEqual([sending_queue.storage]);
    expect(retry_on_failure.max_elapsed_time).toBe('0s');
  });
});

describe.skipIf(!isCollectorThere)('a real OpenTelemetry Collector with it, before Plimsoll', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-collector-'));
  let world: World;
  let gate: Gate;
  let collector: RealCollector;
  beforeAll(async () => {
    world = await World.start({ now: Date.now() });
    gate = new Gate(Number(new URL(world.plimsoll.addresses.otlpHttp).port));
    await gate.open();
    collector = await RealCollector.prepare(CONFIG, gate.url, folder);
    await collector.start();
  });
  afterAll(async () => {
    await collector.stop('SIGKILL');
    await gate.shut();
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const exchanges = (count: number): Exchange[] => Array.from({ length: count }, () => exchange('bot', world.now));
  const counted = async (): Promise<number> => {
    const { interactions } = await world.get<{ interactions: unknown[] }>('/services/bot/interactions?limit=1000');
    return interactions.length;
  };

  it('is content with it', () => {
    expect(execFileSync(COLLECTOR, ['validate', '--config', CONFIG], { encoding: 'utf8' })).toBe('');
  });

  it('hands on every span', async () => {
    await sendSpans(collector.url, exchanges(300));
    expect(await eventually('300 interactions', async () => (await counted()) === 300 && counted())).toBe(300);
  });

  it('loses and doubles nothing that it accepted while Plimsoll was away, also when it is killed', async () => {
    await gate.shut();
    await sendSpans(collector.url, exchanges(200));
    await collector.stop('SIGKILL');
    await collector.start();
    await sendSpans(collector.url, exchanges(100));
    await gate.open();
    expect(await eventually('600 interactions', async () => (await counted()) >= 600 && counted())).toBe(600);
  });
});
