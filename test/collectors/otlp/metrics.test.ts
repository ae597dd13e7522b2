import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protobufOfMetrics } from '../../../collectors/otlp/json-metrics.ts';
import { MetricDecoder } from '../../../collectors/otlp/metrics.ts';
import { Rejects } from '../../../collectors/otlp/rejects.ts';
import type { CallPoint } from '../../../src/model/call-metrics.ts';
import { parseServiceKey } from '../../../src/model/names.ts';
import { CallCounts } from '../../../src/store/sqlite/call-counts.ts';
import { migrate } from '../../../src/store/sqlite/migrations.ts';
import { samples, WINDOW } from './samples.ts';

const NOW = WINDOW.now;
const DURATION = 'gen_ai.client.operation.duration';
const nanos = (ms: number): string => `${ms}000000`;

interface Point {
  /** ms */
  readonly start: number;
  readonly time: number;
  readonly count: number;
  readonly attributes?: readonly object[];
  readonly flags?: number;
}

const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
const dataPoint = ({ start, time, count, attributes = [], flags = 0 }: Point): object => ({
  startTimeUnixNano: nanos(start),
  timeUnixNano: nanos(time),
  count: String(count),
  attributes,
  flags,
});
const metric = (points: readonly Point[], temporality: number | string = 2, more: object = {}): object => ({
  name: DURATION,
  unit: 's',
  histogram: { aggregationTemporality: temporality, dataPoints: points.map(dataPoint) },
  ...more,
});
const request = (...metrics: object[]): object => ({
  resourceMetrics: [
    {
      resource: { attributes: [attribute('service.name', 'bot'), attribute('service.instance.id', 'a')] },
      scopeMetrics: [{ scope: { name: 'lib' }, metrics }],
    },
  ],
});

function read(body: object) {
  const rejects = new Rejects();
  const decoded = new MetricDecoder().decode(
    protobufOfMetrics(Buffer.from(JSON.stringify(body)), rejects),
    WINDOW,
    rejects,
  );
  return { ...decoded, rejected: rejects.list };
}

/** A store that holds nothing but what metrics say. */
class Counts {
  readonly #db = new DatabaseSync(':memory:');
  readonly #counts: CallCounts;

  constructor() {
    migrate(this.#db);
    this.#counts = new CallCounts(this.#db);
  }

  take(points: readonly CallPoint[]): boolean[] {
    return points.map((point) => this.takeAll([point]) > 0);
  }

  /** In one transaction. @returns how many said something new */
  takeAll(points: readonly CallPoint[]): number {
    return this.#counts.takeAll(
      points.map((point) => ({ ...point, service: 1, source: 2 })),
      NOW,
    ).stored;
  }

  get total(): { calls: number | null; failed: number | null } {
    return { ...this.#db.prepare('select sum(calls) as calls, sum(failed) as failed from call_minute').get() } as never;
  }

  get minutes(): number[][] {
    return this.#db
      .prepare('select minute, calls from call_minute order by minute')
      .all()
      .map((row) => [Number(row['minute']), Number(row['calls'])]);
  }

  tidy(now: number): void {
    this.#counts.tidy(now);
  }

  get rows(): number {
    return Number(this.#db.prepare('select count(*) as n from call_point').get()!['n']);
  }
}

describe.each(samples.filter(({ metrics }) => metrics.protobuf.length > 0))(
  'the recorded metrics of $name',
  (sample) => {
    it('count its calls of models, in either form and however often they come', () => {
      const decoder = new MetricDecoder();
      const rejects = new Rejects();
      const fromProtobuf = sample.metrics.protobuf.map((body) => decoder.decode(body, WINDOW, rejects));
      const fromJson = sample.metrics.json.map((body) =>
        decoder.decode(protobufOfMetrics(body, rejects), WINDOW, rejects),
      );
      const without = ({ id: _, ...point }: CallPoint): object => point;
      expect(fromJson.map(({ points }) => points.map(without))).toEqual(
        fromProtobuf.map(({ points }) => points.map(without)),
      );
      expect(fromJson.map(({ unused }) => unused)).toEqual(fromProtobuf.map(({ unused }) => unused));
      expect(rejects.list).toEqual([]);
      const durations = fromProtobuf.flatMap(({ points }) =>
        points.filter(({ source }) => source.endsWith('duration')),
      );
      const counts = new Counts();
      counts.take([...durations, ...durations]);
      const calls = sample.expected.calls.filter(({ kind }) => kind === 'model' || kind === 'embedding');
      expect(counts.total).toEqual({
        calls: calls.length,
        failed: calls.filter(({ status }) => status === 'error').length,
      });
      expect(durations.map(({ service }) => parseServiceKey(service)!.name)).toContain('support-assistant');
    });
  },
);

describe('what counts calls', () => {
  const point: Point = { start: NOW - 60_000, time: NOW, count: 3 };
  it('histograms of durations, of models and embeddings, with what failed', () => {
    const of = (operation: string, more: object[] = []): Point => ({
      ...point,
      attributes: [attribute('gen_ai.operation.name', operation), ...more],
    });
    const points = [
      of('chat'),
      of('embeddings', [attribute('error.type', 'timeout')]),
      of('image'),
      of('execute_tool'),
    ];
    const found = read(request(metric(points)));
    expect(found.points.map(({ hasFailed }) => hasFailed)).toEqual([false, true, false]);
    expect(found).toMatchObject({ unused: 1, rejected: [] });
    expect(found.points[0]).toMatchObject({ source: `lib ${DURATION}`, calls: 3, from: NOW - 60_000, to: NOW });
  });

  it('exponential histograms, and the name of after the renaming', () => {
    const { histogram } = metric([point]) as { histogram: object };
    const renamed = { name: 'gen_ai.client.inference.duration', exponentialHistogram: histogram };
    expect(read(request(renamed)).points).toMatchObject([{ calls: 3 }]);
  });

  it('tokens have one entry a call and type: the input is counted', () => {
    const of = (type: string): Point => ({ ...point, attributes: [attribute('gen_ai.token.type', type)] });
    const tokens = metric([of('input'), of('output')], 2, { name: 'gen_ai.client.token.usage' });
    expect(read(request(tokens))).toMatchObject({ points: [{ calls: 3 }], unused: 1 });
  });

  it('everything else is acknowledged and not used, whatever is in it', () => {
    const sum = { name: 'gen_ai.client.inference.usage.input_tokens', sum: { dataPoints: [{ asInt: '7' }, {}] } };
    const gauge = { name: DURATION, gauge: { dataPoints: [{ asDouble: 'NaN' }] } };
    const gone = metric([{ ...point, flags: 1 }]);
    const old = metric([{ ...point, time: NOW - 172_801_000 }]);
    expect(read(request(sum, gauge, gone, old))).toEqual({ points: [], unused: 5, rejected: [] });
  });

  it.each<[string, object, string]>([
    ['no temporality', metric([point], 0), 'temporality'],
    ['no time', metric([{ ...point, time: 0 }]), 'no time'],
    ['in the future', metric([{ ...point, time: NOW + 601_000 }]), 'in the future'],
    ['before the retention', metric([{ ...point, time: NOW - WINDOW.retention - 1000 }]), 'too old'],
    ['a count that is no number', metric([{ ...point, count: Number.NaN }]), 'unreadable'],
  ])('%s: the point is refused, the others are kept', (_, bad, reason) => {
    const found = read(request(bad, metric([point])));
    expect(found.points).toHaveLength(1);
    expect(found.rejected).toMatchObject([{ reason, count: 1 }]);
  });
});

describe('no call counts twice', () => {
  const start = NOW - 600_000;

  it('cumulative: each point stands in place of the one before; what comes late or again says nothing new', () => {
    const counts = new Counts();
    const points = [1, 2, 3].flatMap(
      (i) => read(request(metric([{ start, time: start + i * 60_000, count: i * 5 }]))).points,
    );
    expect(counts.take([points[0]!, points[2]!, points[1]!, points[2]!])).toEqual([true, true, false, false]);
    expect(counts.total.calls).toBe(15);
  });

  it('a process that started anew, and one beside it, are streams of their own', () => {
    const counts = new Counts();
    for (const [begin, count] of [
      [start, 5],
      [start + 1, 7],
      [start, 6],
    ] as const)
      counts.take(read(request(metric([{ start: begin, time: NOW - 1000 + count, count }]))).points);
    expect(counts.total.calls).toBe(13);
  });

  it('where no start is told, a lower count is a new beginning', () => {
    const counts = new Counts();
    for (const [time, count] of [
      [NOW - 3000, 5],
      [NOW - 2000, 2],
      [NOW - 1000, 3],
      [NOW - 2500, 5],
    ] as const)
      counts.take(read(request(metric([{ start: 0, time, count }]))).points);
    expect(counts.total.calls).toBe(8);
  });

  it('the order of attributes says nothing, their values do', () => {
    const of = (...attributes: object[]): Uint8Array =>
      read(request(metric([{ start, time: NOW, count: 1, attributes }]))).points[0]!.id;
    const [a, b] = [attribute('a', '1'), attribute('b', '2')];
    expect(of(a, b)).toEqual(of(b, a));
    expect(of(a)).not.toEqual(of(b));
  });

  it('lie between a point and the one before it', () => {
    const minute = Math.floor(NOW / 60_000);
    const counts = new Counts();
    const at = (back: number, count: number): readonly CallPoint[] =>
      read(request(metric([{ start: (minute - 10) * 60_000, time: (minute - back) * 60_000, count }]))).points;
    counts.take([...at(8, 4), ...at(5, 7)]);
    expect(counts.minutes).toEqual([
      [minute - 10, 2],
      [minute - 9, 2],
      [minute - 8, 1],
      [minute - 7, 1],
      [minute - 6, 1],
    ]);
    counts.tidy(NOW + 172_800_000);
    expect([counts.rows, counts.minutes]).toEqual([0, []]);
  });

  const processes = fc.uniqueArray(
    fc.record({
      start: fc.integer({ min: NOW - 80_000_000, max: NOW - 10_000_000 }),
      temporality: fc.constantFrom(1, 2, 'AGGREGATION_TEMPORALITY_DELTA'),
      /** Calls in each of the intervals, which are a minute long. */
      intervals: fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 8 }),
    }),
    { selector: ({ start }) => start, maxLength: 5 },
  );

  it('law: whatever starts, repeats and overtakes, every call counts once', () => {
    fc.assert(
      fc.property(processes, fc.infiniteStream(fc.nat()), (list, chance) => {
        const requests = list.flatMap(({ start: begin, temporality, intervals }) => {
          let before = 0;
          return intervals.map((calls, i) => {
            before += calls;
            const time = begin + (i + 1) * 60_000;
            if (temporality === 2) return metric([{ start: begin, time, count: before }]);
            return metric([{ start: begin + i * 60_000, time, count: calls }], temporality);
          });
        });
        const sent = [...requests, ...requests].map((one) => ({ one, at: chance.next().value }));
        sent.sort((a, b) => a.at - b.at);
        const counts = new Counts();
        for (const { one } of sent) counts.take(read(request(one)).points);
        const wanted = list.flatMap(({ intervals }) => intervals).reduce((sum, calls) => sum + calls, 0);
        expect(counts.total.calls ?? 0).toBe(wanted);
        const together = new Counts();
        together.takeAll(sent.flatMap(({ one }) => read(request(one)).points));
        expect(together.minutes).toEqual(counts.minutes);
      }),
      { numRuns: 60 },
    );
  });
});
