import { isCallMetric } from './call-metrics.ts';
import { type JsonObject, JsonWriter, parseJson } from './json-writer.ts';
import type { Rejects } from './rejects.ts';

const TEMPORALITY_NAMES = [
  'AGGREGATION_TEMPORALITY_UNSPECIFIED',
  'AGGREGATION_TEMPORALITY_DELTA',
  'AGGREGATION_TEMPORALITY_CUMULATIVE',
];
/** The kinds of metrics, with their fields. */
const KINDS = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;
type Kind = keyof typeof KINDS;
/** Of a data point. */
const ATTRIBUTES = { histogram: 9, exponentialHistogram: 1 } as const;

/**
 * An OTLP/JSON metric request as protobuf. Only metrics that count calls are written whole: of the points of all others it is
 * only read how many they are.
 * @throws MalformedJson
 */
export function protobufOfMetrics(body: Buffer, rejects: Rejects, maxValueDepth?: number): Buffer {
  const writer = new JsonWriter(rejects, maxValueDepth);
  return writer.request(parseJson(body), 'Metrics', 'metrics', (metric) => writeMetric(writer, metric));
}

function writeMetric(to: JsonWriter, metric: JsonObject): void {
  to.string(metric, 'name', 1);
  to.string(metric, 'unit', 3);
  const isAsked = typeof metric['name'] === 'string' && isCallMetric(metric['name']);
  for (const kind of Object.keys(KINDS) as Kind[])
    to.message(metric, kind, KINDS[kind], (data) => {
      const isRead = isAsked && (kind === 'histogram' || kind === 'exponentialHistogram');
      if (isRead) to.enum(data, 'aggregationTemporality', TEMPORALITY_NAMES, 2);
      to.items(data, 'dataPoints', 1, (point) => {
        if (isRead) writePoint(to, point, ATTRIBUTES[kind]);
      });
    });
}

function writePoint(to: JsonWriter, point: JsonObject, attributes: number): void {
  to.fixed64(point, 'startTimeUnixNano', 2);
  to.fixed64(point, 'timeUnixNano', 3);
  to.fixed64(point, 'count', 4);
  to.attributes(point, attributes);
  to.inside(point, 'flags', (flags) => to.out.integer(10, to.integer(flags, 0n, 2n ** 32n - 1n)));
}
