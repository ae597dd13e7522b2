import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generated } from '../../dashboards/index.ts';
import { type Document, dataPanelsOf, nameOf } from '../../dashboards/lint/document.ts';
import { interpolate } from '../../dashboards/lint/interpolate.ts';
import { BusyWorld, SERVICE } from '../server/metrics/busy-world.ts';
import { freePort } from '../standins/free-port.ts';
import { hasPrometheus, RealPrometheus, type Series } from '../standins/real-prometheus.ts';

/** A rate over so long sees several scrapes. */
const GLOBALS = { __rate_interval: '5s', __range: '1m', __interval: '5s' };

/** Values of the variables of a dashboard, each chosen as "all" would choose, read as Grafana reads them. */
async function variablesOf(document: Document, prometheus: RealPrometheus): Promise<Record<string, string | string[]>> {
  const values: Record<string, string | string[]> = {};
  for (const { name, type, query, multi } of document.templating!.list) {
    if (type !== 'query') continue;
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query!)!;
    const found = await prometheus.get<string[]>(`label/${label}/values`, {
      'match[]': interpolate(selector!, values),
    });
    // What no series has is chosen by the value for all.
    if (multi === true) values[name] = found.length === 0 ? '.*' : found;
    else values[name] = found.includes(SERVICE) ? SERVICE : found[0]!;
  }
  return values;
}

const hasNumber = ({ values }: Series): boolean => values.some(([, value]) => Number.isFinite(Number(value)));

describe.skipIf(!hasPrometheus)('every query, asked of a real Prometheus that scrapes a busy world', () => {
  let busy: BusyWorld;
  let prometheus: RealPrometheus;
  let begin: number;

  /** All series that Prometheus has of a metric, as of now. */
  const scraped = (metric: string): Promise<Series[]> => prometheus.instant(metric);

  beforeAll(async () => {
    busy = await BusyWorld.start();
    prometheus = new RealPrometheus(await freePort(), [new URL(busy.metricsUrl).host]);
    await prometheus.start();
    const wait = { timeout: 20_000, interval: 100 };
    // Once with nothing but zeros, so that what happens then is seen as an increase.
    await vi.waitFor(
      async () => expect((await scraped('plimsoll_interactions_total')).length).toBeGreaterThan(0),
      wait,
    );
    begin = Date.now() / 1000;
    await busy.live();
    const at = busy.world.now / 1000;
    await vi.waitFor(
      async () =>
        expect(await prometheus.instant(`plimsoll_tick_last_success_timestamp_seconds == ${at}`)).toHaveLength(1),
      wait,
    );
    // A change that follows another one, as an annotation shows it.
    await busy.pass(1);
    await busy.judge();
    await vi.waitFor(
      async () =>
        expect(await prometheus.instant('changes(plimsoll_last_change_timestamp_seconds[10s]) > 0')).toHaveLength(1),
      wait,
    );
  });
  afterAll(async () => {
    await prometheus.remove();
    await busy.world.end();
  });

  const documents = new Map(generated().map(({ file, text }) => [file, JSON.parse(text) as Document]));
  describe.each([...documents])('%s', (_file, document) => {
    let values: Record<string, string | string[]>;
    beforeAll(async () => {
      values = await variablesOf(document, prometheus);
    });

    it('each variable has values', () => {
      expect(values).toMatchObject({
        job: ['plimsoll'],
        service: SERVICE,
        environment: '.*',
        measure: expect.arrayContaining(['availability', 'latency:3s', 'accuracy:groundedness']),
        objective: expect.arrayContaining(['availability', 'groundedness']),
      });
    });

    const queries = dataPanelsOf(document).flatMap((panel) =>
      panel.targets!.map((target) => [`${nameOf(panel)} ${target.refId}`, target, panel] as const),
    );
    it.each(queries)('%s', async (_name, target, panel) => {
      const expr = interpolate(target.expr!, { ...values, ...GLOBALS });
      const found =
        target.instant === true
          ? await prometheus.instant(expr)
          : await prometheus.range(expr, Math.floor(begin), Math.ceil(Date.now() / 1000));
      expect(found.filter(hasNumber).length).toBeGreaterThan(0);
      // Shares lie in [0, 1]; what is left of a budget has no lower end, and evidence no upper one.
      if (panel.fieldConfig?.defaults?.unit !== 'percentunit') return;
      for (const point of found.flatMap((series) => series.values)) {
        if (!expr.includes('evidence')) expect(Number(point[1])).toBeLessThanOrEqual(1);
        if (!expr.includes('budget')) expect(Number(point[1])).toBeGreaterThanOrEqual(0);
      }
    });

    it.each(document.annotations!.list.map(({ name, expr }) => [name, expr!] as const))(
      'annotation %s',
      async (_name, expr) => {
        const asked = interpolate(expr, { ...values, ...GLOBALS });
        const found = await prometheus.range(asked, Math.floor(begin), Math.ceil(Date.now() / 1000));
        expect(found.filter(hasNumber).length).toBeGreaterThan(0);
      },
    );
  });

  it('four verdicts stand in the stat, counted once each', async () => {
    const document = documents.get('service.json')!;
    const values = await variablesOf(document, prometheus);
    const { expr } = dataPanelsOf(document).find(({ title }) => title === 'Objectives by verdict')!.targets![0]!;
    const found = await prometheus.instant(interpolate(expr!, { ...values, ...GLOBALS }));
    const counts: Record<string, number> = Object.fromEntries(
      found.map(({ metric, values: [point] }) => [metric['verdict'], Number(point![1])]),
    );
    expect(Object.keys(counts).sort()).toEqual(['at_risk', 'breached', 'insufficient_evidence', 'met']);
    expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(5);
    expect(counts['insufficient_evidence']).toBeGreaterThan(0);
  });
});
