import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generated } from '../../dashboards/index.ts';
import { type Document, dataPanelsOf, nameOf, type Panel, type Target } from '../../dashboards/lint/document.ts';
import { interpolate } from '../../dashboards/lint/interpolate.ts';
import { freePort } from '../standins/free-port.ts';
import { hasInfluxDb, RealInfluxDb, type Row } from '../standins/real-influxdb.ts';
import { hasPrometheus, RealPrometheus, type Series } from '../standins/real-prometheus.ts';
import { SERVICE, WholeWorld } from './whole-world.ts';

/** A rate over so long sees several scrapes. */
const GLOBALS = { __rate_interval: '5s', __range: '1m', __interval: '5m' };
/** Panels that are right to be empty: all is well. */
const EMPTY_IS_WELL = ['Requests not taken'];

type Values = Record<string, string | string[]>;
const documents = new Map(generated().map(({ file, text }) => [file, JSON.parse(text) as Document]));
const finite = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const pointsOf = ({ values }: Series): number[] => values.map(([, value]) => Number(value));

describe.skipIf(!hasPrometheus || !hasInfluxDb)(
  'every query, asked of a real Prometheus and a real InfluxDB that were filled by one world',
  () => {
    let whole: WholeWorld;
    let prometheus: RealPrometheus;
    let influx: RealInfluxDb;
    let begin: number;

    const api = <T>(path: string): Promise<T> => whole.world.get<T>(path);
    const series = (metric: string): Promise<Series[]> => prometheus.instant(metric);

    beforeAll(async () => {
      const now = Math.floor(Date.now() / 60_000) * 60_000;
      influx = new RealInfluxDb(await freePort(), await freePort());
      await influx.start();
      whole = await WholeWorld.start(influx.url, now);
      prometheus = new RealPrometheus(await freePort(), [new URL(whole.metricsUrl).host]);
      await whole.past();
      await prometheus.start();
      const wait = { timeout: 30_000, interval: 100 };
      // Once as it was, so that what happens then is seen as an increase.
      await vi.waitFor(async () => expect(await series('plimsoll_interactions_total')).not.toEqual([]), wait);
      begin = Date.now() / 1000;
      await whole.live();
      const at = whole.world.now / 1000;
      const judged = async (): Promise<void> =>
        expect(await series(`plimsoll_tick_last_success_timestamp_seconds == ${at}`)).toHaveLength(1);
      await vi.waitFor(judged, wait);
      // A change that follows another one, as an annotation shows it.
      await whole.pass(1);
      await whole.judge();
      await vi.waitFor(
        async () => expect(await series('changes(plimsoll_last_change_timestamp_seconds[10s]) > 0')).toHaveLength(1),
        wait,
      );
    });
    afterAll(async () => {
      await prometheus?.remove();
      await whole?.world.end();
      await influx?.remove();
    });

    /** Values of the variables of a dashboard, read as Grafana reads them: of a choice one, of several all. */
    async function variablesOf(document: Document): Promise<Values> {
      const values: Values = {};
      for (const { name, type, query, multi, allValue } of document.templating!.list) {
        if (type === 'constant') values[name] = query!;
        if (type !== 'query') continue;
        if (query!.startsWith('SHOW TAG VALUES')) {
          const found = (await influx.query(interpolate(query!, values))).map((row) => String(row['value']));
          values[name] = found[0]!;
          continue;
        }
        const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query!)!;
        const found = await prometheus.get<string[]>(`label/${label}/values`, {
          'match[]': interpolate(selector!, values),
        });
        if (multi === true) values[name] = found.length === 0 ? allValue! : found;
        else values[name] = found.includes(SERVICE) ? SERVICE : found[0]!;
      }
      return values;
    }

    const range = (): [number, number] => [Math.floor(begin), Math.ceil(Date.now() / 1000)];
    const ask = async (target: Target, values: Values): Promise<Series[]> => {
      const expr = interpolate(target.expr!, { ...values, ...GLOBALS });
      return target.instant === true ? prometheus.instant(expr) : prometheus.range(expr, ...range());
    };
    const askHistory = (query: string, values: Values): Promise<Row[]> => {
      const to = Math.ceil(whole.world.now / 1000);
      const timeFilter = `time >= ${to - 86_400}s AND time <= ${to}s`;
      return influx.query(interpolate(query, { ...values, ...GLOBALS, timeFilter }));
    };

    /** Shares lie in [0, 1]; what is left of a budget has no lower end, evidence no upper one, a difference and a correlation neither. */
    function expectOnScale({ fieldConfig }: Panel, text: string, values: readonly number[]): void {
      if (fieldConfig?.defaults?.unit !== 'percentunit') return;
      for (const value of values) {
        if (!/evidence|feedback_total/.test(text)) expect(value).toBeLessThanOrEqual(1);
        if (!/budget|gap|agreement/.test(text)) expect(value).toBeGreaterThanOrEqual(0);
      }
    }

    describe.each([...documents])('%s', (_file, document) => {
      let values: Values;
      beforeAll(async () => {
        values = await variablesOf(document);
      });

      it('each variable has values', () => {
        for (const { name, type } of document.templating!.list)
          if (type === 'query') expect(`${name}: ${values[name]}`).not.toMatch(/: (undefined)?$/);
        expect(values).toMatchObject({ job: ['plimsoll'] });
        if ('service' in values) expect(values).toMatchObject({ service: SERVICE, environment: '.*' });
      });

      const queries = dataPanelsOf(document).flatMap((panel) =>
        panel.targets!.map((target) => [`${nameOf(panel)} ${target.refId}`, target, panel] as const),
      );
      it.each(queries)('%s', async (_name, target, panel) => {
        if (target.query !== undefined) {
          const rows = await askHistory(target.query, values);
          const numbers = rows.flatMap((row) => Object.entries(row).flatMap(([k, v]) => (k === 'time' ? [] : [v])));
          expect(
            numbers.filter(finite).length + numbers.filter((one) => typeof one === 'string').length,
          ).toBeGreaterThan(0);
          expectOnScale(panel, target.query, numbers.filter(finite) as number[]);
          return;
        }
        const found = await ask(target, values);
        const points = found.flatMap(pointsOf).filter(Number.isFinite);
        if (!EMPTY_IS_WELL.includes(panel.title!)) expect(points.length).toBeGreaterThan(0);
        expectOnScale(panel, target.expr!, points);
      });

      it.each(document.annotations!.list.map((one) => [one.name, one] as const))(
        'annotation %s',
        async (_name, { expr, target }) => {
          if (target === undefined) expect((await ask({ refId: 'A', expr: expr! }, values)).length).toBeGreaterThan(0);
          else {
            const rows = await askHistory(target.query!, values);
            expect(rows.length).toBeGreaterThan(0);
            for (const row of rows) expect(row).toMatchObject({ text: expect.any(String), until: expect.any(Number) });
          }
        },
      );
    });

    it('a point of a latency, a failure and a first token lead to the interaction that it was', async () => {
      interface Found {
        readonly seriesLabels: Readonly<Record<string, string>>;
        readonly exemplars: readonly { readonly labels: { readonly trace_id: string }; readonly value: string }[];
      }
      const [start, end] = range().map(String) as [string, string];
      for (const [metric, atLeast] of [
        ['plimsoll_interaction_duration_seconds_bucket', 8],
        ['plimsoll_interactions_total', 1],
        ['plimsoll_time_to_first_token_seconds_bucket', 0.2],
        ['plimsoll_measure_events_total', 1],
      ] as const) {
        const found = await prometheus.get<Found[]>('query_exemplars', { query: metric, start, end });
        const ours = found.filter(({ seriesLabels }) => seriesLabels['service'] === SERVICE);
        expect(ours.length, metric).toBeGreaterThan(0);
        const exemplars = ours.flatMap((one) => one.exemplars);
        expect(Math.max(...exemplars.map(({ value }) => Number(value))), metric).toBeGreaterThanOrEqual(atLeast);
        for (const {
          seriesLabels,
          exemplars: [one],
        } of ours) {
          const { interactions } = await api<{ interactions: { status: string; durationMs: number }[] }>(
            `/interactions/${one!.labels.trace_id}`,
          );
          expect(interactions, metric).toHaveLength(1);
          if (metric === 'plimsoll_interactions_total') expect(seriesLabels['outcome']).not.toBe('success');
          if (metric === 'plimsoll_measure_events_total') expect(seriesLabels['result']).toBe('bad');
        }
      }
    });

    describe('the same number is the same as the API says', () => {
      interface ObjectiveBody {
        readonly name: string;
        readonly service: string;
        readonly verdict: string;
        readonly target: number | null;
        readonly estimate: { value: number | null; low: number; high: number; n: number; coverage: number | null };
        readonly budget: { remaining: number } | null;
        readonly burnRates: Readonly<Record<string, number | null>>;
      }
      const panelOf = (file: string, title: string): Panel =>
        dataPanelsOf(documents.get(file)!).find((one) => one.title === title)!;
      const number = async (file: string, title: string, refId: string, chosen: Values): Promise<number> => {
        const values = { ...(await variablesOf(documents.get(file)!)), ...chosen };
        const target = panelOf(file, title).targets!.find((one) => one.refId === refId)!;
        const found = await prometheus.instant(interpolate(target.expr!, { ...values, ...GLOBALS }));
        expect(found).toHaveLength(1);
        return pointsOf(found[0]!)[0]!;
      };
      const objectives = async (): Promise<ObjectiveBody[]> => {
        const { objectives: found } = await api<{ objectives: { name: string }[] }>('/objectives');
        return Promise.all(found.map(({ name }) => api<ObjectiveBody>(`/objectives/${name}`)));
      };

      it('verdicts on the home page, counted once each', async () => {
        const target = panelOf('fleet.json', 'Objectives by verdict').targets![0]!;
        const found = await ask(target, await variablesOf(documents.get('fleet.json')!));
        const counts = Object.fromEntries(found.map((one) => [one.metric['verdict'], pointsOf(one)[0]]));
        const said = Map.groupBy(await objectives(), ({ verdict }) => verdict);
        for (const verdict of ['met', 'at_risk', 'breached', 'insufficient_evidence'])
          expect([verdict, counts[verdict]]).toEqual([verdict, said.get(verdict)?.length ?? 0]);
        expect(counts['insufficient_evidence']).toBeGreaterThan(0);
        expect(counts['breached']).toBeGreaterThan(0);
      });

      it('what is in trouble, what can not be judged and what is open on the home page', async () => {
        const values = await variablesOf(documents.get('fleet.json')!);
        // While this process is busy a scrape may fail, and then nothing is known until the next one.
        const of = (title: string): Promise<Series[]> =>
          vi.waitFor(
            async () => {
              const found = await ask(panelOf('fleet.json', title).targets![0]!, values);
              expect(found).not.toEqual([]);
              return found;
            },
            { timeout: 30_000, interval: 200 },
          );
        const said = Map.groupBy(await objectives(), ({ verdict }) => verdict);
        const inTrouble = ['at_risk', 'breached'].flatMap((verdict) => said.get(verdict) ?? []);
        const drawn = await of('In trouble now, and since when');
        expect(drawn.map(({ metric }) => `${metric['service']} ${metric['objective']}`).sort()).toEqual(
          inTrouble.map(({ service, name }) => `${service} ${name}`).sort(),
        );
        for (const one of drawn) {
          const { verdict } = inTrouble.find(({ name }) => name === one.metric['objective'])!;
          expect(pointsOf(one).at(-1)).toBe(verdict === 'breached' ? 3 : 2);
        }
        const blind = Map.groupBy(said.get('insufficient_evidence') ?? [], ({ service }) => service);
        expect(
          Object.fromEntries(
            (await of('What can we not judge?')).map((one) => [one.metric['service'], pointsOf(one)[0]]),
          ),
        ).toEqual(Object.fromEntries(Array.from(blind, ([service, { length }]) => [service, length])));
        const { incidents } = await api<{ incidents: { priority: number; state: string }[] }>('/incidents');
        const open = incidents.filter(({ state }) => state !== 'resolved' && state !== 'closed');
        expect(open.length).toBeGreaterThan(0);
        for (const one of await of('Open incidents'))
          expect([one.metric['severity'], pointsOf(one)[0]]).toEqual([
            one.metric['severity'],
            open.filter(({ priority }) => `P${priority}` === one.metric['severity']).length,
          ]);
      });

      it('the estimate of each measure with its bounds, and what is left of each budget', async () => {
        let compared = 0;
        for (const { name, service, estimate, budget, burnRates } of await objectives()) {
          if (service !== SERVICE || budget === null) continue;
          const chosen = { objective: [name] };
          expect(await number('objective.json', 'Error budget left', 'P', chosen)).toBeCloseTo(budget.remaining, 12);
          const values = { ...(await variablesOf(documents.get('objective.json')!)), objective: name };
          const burns = await prometheus.instant(
            interpolate(panelOf('objective.json', 'Burn rate').targets![0]!.expr!, { ...values, ...GLOBALS }),
          );
          for (const burn of burns) expect(pointsOf(burn)[0]).toBeCloseTo(burnRates[burn.metric['window']!]!, 12);
          if (!['groundedness', 'satisfaction'].includes(name)) continue;
          const measure = name === 'groundedness' ? ['accuracy:groundedness'] : ['satisfaction'];
          for (const [refId, value] of [
            ['P', estimate.value!],
            ['L', estimate.low],
            ['U', estimate.high],
          ] as const)
            expect(await number('quality.json', '$measure in $window', refId, { measure })).toBeCloseTo(value, 12);
          expect(await number('quality.json', '$measure: what it rests on', 'A', { measure })).toBeCloseTo(
            estimate.coverage!,
            12,
          );
          compared++;
        }
        expect(compared).toBe(2);
      });

      it('good and valid events over time, from the history', async () => {
        const values = { ...(await variablesOf(documents.get('service.json')!)), measure: ['availability'] };
        const rows = await askHistory(panelOf('service.json', '$measure as known now').targets![0]!.query!, values);
        const to = new Date(whole.world.now).toISOString();
        const from = new Date(whole.world.now - 2 * 3_600_000).toISOString();
        const body = await api<{
          measures: { measure: string; points: { at: string; estimate: { value: number | null; n: number } }[] }[];
        }>(`/services/${SERVICE}/measures?from=${from}&to=${to}&step=1m`);
        const { points } = body.measures.find(({ measure }) => measure === 'availability')!;
        const fives = Map.groupBy(points, ({ at }) => Math.floor(Date.parse(at) / 300_000) * 300);
        let compared = 0;
        for (const row of rows) {
          const minutes = fives.get(row['time'] as number);
          if (minutes?.length !== 5) continue;
          const n = minutes.reduce((sum, { estimate }) => sum + estimate.n, 0);
          const good = minutes.reduce((sum, { estimate }) => sum + (estimate.value ?? 0) * estimate.n, 0);
          expect(row['good']).toBeCloseTo(good / n, 12);
          compared++;
        }
        expect(compared).toBeGreaterThan(20);
      });

      it('open incidents, in Prometheus and in the history', async () => {
        const { incidents } = await api<{ incidents: { id: string; title: string }[] }>('/incidents?state=open');
        const open = await ask(
          panelOf('fleet.json', 'Open incidents').targets![0]!,
          await variablesOf(documents.get('fleet.json')!),
        );
        expect(open.flatMap(pointsOf).reduce((a, b) => a + b, 0)).toBe(incidents.length);
        const rows = await askHistory(
          panelOf('service-desk.json', 'Being worked on').targets![0]!.query!,
          await variablesOf(documents.get('service-desk.json')!),
        );
        expect(rows.map((row) => `${row['number']} ${row['text']}`).sort()).toEqual(
          incidents.map(({ id, title }) => `${id} ${title}`).sort(),
        );
        expect(rows.length).toBeGreaterThan(0);
      });
    });
  },
);
