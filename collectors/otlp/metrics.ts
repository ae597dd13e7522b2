import { createHash } from 'node:crypto';
import { CALL_POINTS_KEPT, type CallPoint } from '../../src/model/call-metrics.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/model/config/limits.ts';
import { parseServiceKey, serviceKey } from '../../src/model/names.ts';
import { AskedAttributes } from './asked-attributes.ts';
import { AttributeReader } from './attributes.ts';
import { CALL_KEYS, countsCalls, isCallMetric } from './call-metrics.ts';
import type { ReceiverOptions } from './exports.ts';
import { protobufOfMetrics } from './json-metrics.ts';
import { HistogramPoint } from './metric-point.ts';
import { millisOf } from './nanos.ts';
import type { RejectReason, Rejects } from './rejects.ts';
import type { Sender } from './sender.ts';
import { IDENTITY_KEYS, identityIn } from './service-identity.ts';
import { METRIC, RESOURCE, SCOPE } from './shapes.ts';
import type { OtlpSignal } from './signal.ts';
import { MAX_AHEAD, type TimeWindow } from './span-check.ts';
import { eachMessage, readScope, type Scope, walkRequest } from './walk.ts';
import { Wire } from './wire.ts';

/** What a request held, by data point. */
export interface DecodedMetrics {
  readonly points: readonly CallPoint[];
  /** Those that count no calls of models, or are too old to be compared with anything. */
  readonly unused: number;
}

// Fields of the messages, with their wire types.
const METRIC_NAME = (1 << 3) | 2;
const HISTOGRAM = (9 << 3) | 2;
const EXPONENTIAL_HISTOGRAM = (10 << 3) | 2;
const DATA = new Set([(5 << 3) | 2, (7 << 3) | 2, HISTOGRAM, EXPONENTIAL_HISTOGRAM, (11 << 3) | 2]);
const DATA_POINT = (1 << 3) | 2;
const TEMPORALITY = 2 << 3;
const RESOURCE_ATTRIBUTE = (1 << 3) | 2;
const POINT_ATTRIBUTE: Readonly<Record<number, number>> = {
  [HISTOGRAM]: (9 << 3) | 2,
  [EXPONENTIAL_HISTOGRAM]: (1 << 3) | 2,
};

const DELTA = 1;
const CUMULATIVE = 2;

const RESOURCE_DEPTH = 2;
const ITEM_DEPTH = 3;
/** Bytes of a hash that tell streams apart. */
const ID_BYTES = 16;

/** Reads OTLP metric requests: histograms that have one entry a call. One decoder serves one thread. */
export class MetricDecoder {
  readonly #wire = new Wire();
  readonly #attributes = new AttributeReader(this.#wire);
  readonly #resource = new AskedAttributes(this.#wire, this.#attributes, IDENTITY_KEYS);
  readonly #asked = new AskedAttributes(this.#wire, this.#attributes, CALL_KEYS);
  readonly #point = new HistogramPoint();
  readonly #scope: Scope = { name: '', version: '' };
  /** Attributes as they were sent, of the resource and of the data point being read. */
  readonly #resourceBytes: Buffer[] = [];
  readonly #pointBytes: Buffer[] = [];
  #points: CallPoint[] = [];
  #unused = 0;
  #rejects!: Rejects;
  #window: TimeWindow = { now: 0, retention: 0 };

  readonly #maxPoints: number;

  constructor(limits: Partial<Limits> = {}) {
    const { maxValueDepth, maxSpans } = { ...DEFAULT_LIMITS, ...limits };
    this.#wire.limitDepth(maxValueDepth);
    this.#maxPoints = maxSpans;
  }

  /** @throws MalformedBody */
  decode(body: Buffer, window: TimeWindow, rejects: Rejects): DecodedMetrics {
    const wire = this.#wire;
    this.#points = [];
    this.#unused = 0;
    this.#rejects = rejects;
    this.#window = window;
    walkRequest(wire, body, {
      beginResource: () => {
        this.#resource.clear();
        this.#resourceBytes.length = 0;
      },
      resource: (end) => {
        this.#checked(RESOURCE, end, RESOURCE_DEPTH);
        eachMessage(wire, end, RESOURCE_ATTRIBUTE, (to) => this.#note(to, this.#resource, this.#resourceBytes));
      },
      beginScope: () => Object.assign(this.#scope, { name: '', version: '' }),
      scope: (end) => {
        this.#checked(SCOPE, end, ITEM_DEPTH);
        readScope(wire, end, this.#scope);
      },
      item: (end) => {
        this.#checked(METRIC, end, ITEM_DEPTH);
        this.#readMetric(end);
      },
    });
    return { points: this.#points, unused: this.#unused };
  }

  /** Looks through all of a message, and leaves the cursor at its begin. */
  #checked(shape: typeof METRIC, end: number, depth: number): void {
    const start = this.#wire.at;
    this.#wire.check(shape, end, depth);
    this.#wire.at = start;
  }

  #note<K extends string>(end: number, into: AskedAttributes<K>, bytes: Buffer[]): void {
    bytes.push(this.#wire.buffer.subarray(this.#wire.at, end));
    into.read(end);
  }

  #readMetric(end: number): void {
    const wire = this.#wire;
    const start = wire.at;
    let name = '';
    eachMessage(wire, end, METRIC_NAME, (to) => {
      name = wire.buffer.toString('utf8', wire.at, to);
    });
    wire.at = start;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (DATA.has(tag)) this.#readData(name, tag, wire.messageEnd(end));
      else wire.skip(tag, end);
    }
  }

  #readData(name: string, kind: number, end: number): void {
    const wire = this.#wire;
    const start = wire.at;
    const attribute = isCallMetric(name) ? POINT_ATTRIBUTE[kind] : undefined;
    const temporality = attribute === undefined ? 0 : this.#temporality(end);
    wire.at = start;
    eachMessage(wire, end, DATA_POINT, (to) => {
      if (attribute === undefined) this.#unused++;
      else this.#readPoint(name, temporality, attribute, to);
    });
  }

  #temporality(end: number): number {
    const wire = this.#wire;
    let temporality = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === TEMPORALITY) temporality = wire.varint(end);
      else wire.skip(tag, end);
    }
    return temporality;
  }

  #readPoint(name: string, temporality: number, attribute: number, end: number): void {
    const point = this.#point;
    this.#asked.clear();
    this.#pointBytes.length = 0;
    point.read(this.#wire, end, attribute, (to) => this.#note(to, this.#asked, this.#pointBytes));
    if (point.isEmpty || !countsCalls(name, (key) => this.#asked.text(key))) {
      this.#unused++;
      return;
    }
    const to = millisOf(point.time.low, point.time.high);
    const fault = this.#faultOf(temporality, to);
    if (fault !== null) {
      const at = to > 0 ? new Date(to).toISOString() : 'no time';
      this.#rejects.add(fault, () => `a point of ${name} of ${at}, ${point.calls} calls`);
      return;
    }
    // It would be compared with nothing, and what was counted then is forgotten.
    if (to < this.#window.now - CALL_POINTS_KEPT) {
      this.#unused++;
      return;
    }
    this.#points.push({
      service: serviceKey(identityIn(this.#resource)),
      source: `${this.#scope.name} ${name}`,
      id: this.#idOf(name, temporality),
      calls: point.calls,
      hasFailed: this.#asked.text('error.type') !== '',
      from: millisOf(point.start.low, point.start.high),
      to,
    });
  }

  #faultOf(temporality: number, to: number): RejectReason | null {
    if (this.#points.length >= this.#maxPoints) return 'too many';
    if (temporality !== DELTA && temporality !== CUMULATIVE) return 'temporality';
    if (this.#point.calls > Number.MAX_SAFE_INTEGER) return 'unreadable';
    if (to === 0) return 'no time';
    const { now, retention } = this.#window;
    if (to > now + MAX_AHEAD) return 'in the future';
    return to < now - retention ? 'too old' : null;
  }

  /**
   * Of a cumulative stream all points since one start are one, each in place of the one before; a delta is one of its own.
   * The order of attributes says nothing.
   */
  #idOf(name: string, temporality: number): Uint8Array {
    const { start, time } = this.#point;
    const times = temporality === DELTA ? [start, time] : [start];
    const hash = createHash('sha256');
    const texts = [name, this.#scope.name, this.#scope.version, ...times.map(({ low, high }) => `${high}:${low}`)];
    hash.update(JSON.stringify([temporality, ...texts]));
    for (const attributes of [this.#resourceBytes, this.#pointBytes])
      for (const bytes of attributes.toSorted(Buffer.compare)) hash.update(`${bytes.length}:`).update(bytes);
    return new Uint8Array(hash.digest().subarray(0, ID_BYTES));
  }
}

function isTheirs({ service, source }: CallPoint, sender: Sender, rejects: Rejects): boolean {
  if (sender.serviceFor(service) !== null) return true;
  rejects.add('other service', () => `a point of ${source} of the service ${parseServiceKey(service)?.name}`);
  return false;
}

/** Metrics, as a door takes them. */
export function metricsSignal({ sink, clock, retention, counters, limits }: ReceiverOptions): OtlpSignal {
  const decoder = new MetricDecoder(limits);
  return {
    name: 'metrics',
    protobufOfJson: (body, rejects) => protobufOfMetrics(body, rejects, limits?.maxValueDepth),
    decode: (protobuf, rejects, sender) => {
      const window = { now: clock(), retention: retention() };
      const found = decoder.decode(protobuf, window, rejects);
      const { unused } = found;
      const points = sender === null ? found.points : found.points.filter((point) => isTheirs(point, sender, rejects));
      const rejected = rejects.list;
      const store = async (): Promise<void> => {
        if (points.length > 0) {
          const { stored, duplicates } = await sink.countCalls(points);
          counters.signals('metric_point', { stored, duplicate: duplicates });
        }
        counters.signals('metric_point', { unused });
        for (const { reason, count } of rejected)
          counters.signals('metric_point', { [reason === 'too old' ? 'too_late' : 'rejected']: count });
      };
      return { count: points.length + unused, rejected, warnings: [], store };
    },
  };
}
