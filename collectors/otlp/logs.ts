import { DEFAULT_LIMITS, type Limits } from '../../src/model/config/limits.ts';
import type { TelemetryEvaluation } from '../../src/model/ingest.ts';
import { serviceKey } from '../../src/model/names.ts';
import type { Millis } from '../../src/model/time.ts';
import { AskedAttributes } from './asked-attributes.ts';
import { AttributeReader } from './attributes.ts';
import { EVALUATION_EVENT, EvaluationReader, type Fault } from './evaluations.ts';
import type { ReceiverOptions } from './exports.ts';
import { protobufOfLogs } from './json-logs.ts';
import { millisOf } from './nanos.ts';
import type { Rejects } from './rejects.ts';
import type { Sender } from './sender.ts';
import { IDENTITY_KEYS, identityIn } from './service-identity.ts';
import { ANY_VALUE, RESOURCE, SCOPE } from './shapes.ts';
import type { OtlpSignal } from './signal.ts';
import { isZero, MAX_AHEAD, type TimeWindow } from './span-check.ts';
import { eachMessage, readScope, type Scope, walkRequest } from './walk.ts';
import { Wire } from './wire.ts';

/** What a request held: of log records only the evaluations are kept. */
export interface DecodedLogs {
  readonly evaluations: readonly TelemetryEvaluation[];
  /** Records of anything else: their senders need not know that nobody wants them. */
  readonly unused: number;
}

// Fields of a log record, with their wire types.
const TIME = (1 << 3) | 1;
const BODY = (5 << 3) | 2;
const ATTRIBUTE = (6 << 3) | 2;
const TRACE_ID = (9 << 3) | 2;
const SPAN_ID = (10 << 3) | 2;
const OBSERVED_TIME = (11 << 3) | 1;
const EVENT_NAME = (12 << 3) | 2;
const RESOURCE_ATTRIBUTE = (1 << 3) | 2;

/** Depth of a record's body, of a resource and of a scope among the messages of a request. */
const BODY_DEPTH = 4;
const RESOURCE_DEPTH = 2;
const SCOPE_DEPTH = 3;

/** Where a field lies. */
interface Place {
  at: number;
  length: number;
}

/** Reads OTLP log requests; content is checked and stepped over, never copied. One decoder serves one thread. */
export class LogDecoder {
  readonly #wire = new Wire();
  readonly #attributes = new AttributeReader(this.#wire);
  readonly #reader = new EvaluationReader(this.#wire, this.#attributes);
  readonly #resource = new AskedAttributes(this.#wire, this.#attributes, IDENTITY_KEYS);
  readonly #scope: Scope = { name: '', version: '' };
  readonly #traceId: Place = { at: 0, length: 0 };
  readonly #spanId: Place = { at: 0, length: 0 };
  #at: Millis = 0;

  readonly #maxEvaluations: number;

  constructor(limits: Partial<Limits> = {}) {
    const { maxValueDepth, maxSpans } = { ...DEFAULT_LIMITS, ...limits };
    this.#wire.limitDepth(maxValueDepth);
    this.#maxEvaluations = maxSpans;
  }

  /** @throws MalformedBody */
  decode(body: Buffer, window: TimeWindow, rejects: Rejects, sender: Sender | null = null): DecodedLogs {
    const wire = this.#wire;
    const evaluations: TelemetryEvaluation[] = [];
    let unused = 0;
    walkRequest(wire, body, {
      beginResource: () => this.#resource.clear(),
      resource: (end) => {
        const start = wire.at;
        wire.check(RESOURCE, end, RESOURCE_DEPTH);
        if (sender === null) return;
        wire.at = start;
        eachMessage(wire, end, RESOURCE_ATTRIBUTE, (to) => this.#resource.read(to));
      },
      beginScope: () => Object.assign(this.#scope, { name: '', version: '' }),
      scope: (end) => {
        const start = wire.at;
        wire.check(SCOPE, end, SCOPE_DEPTH);
        wire.at = start;
        readScope(wire, end, this.#scope);
      },
      item: (end) => {
        if (this.#readRecord(end) !== EVALUATION_EVENT) {
          unused++;
          return;
        }
        const evaluation = evaluations.length < this.#maxEvaluations ? this.#evaluation(window) : this.#tooMany();
        if ('fault' in evaluation) rejects.add(evaluation.fault, () => evaluation.example);
        else if (sender === null) evaluations.push(evaluation);
        else this.#keepTheirs(evaluation, sender, evaluations, rejects);
      },
    });
    return { evaluations, unused };
  }

  /**
   * Who sends for some services only scores their interactions alone. An evaluator is often a service of its own: it need not be the
   * one that it scores, where there is only one that it may.
   */
  #keepTheirs(evaluation: TelemetryEvaluation, sender: Sender, into: TelemetryEvaluation[], rejects: Rejects): void {
    const identity = identityIn(this.#resource);
    const [only, ...more] = sender.services;
    const service = more.length === 0 ? only! : sender.serviceFor(serviceKey(identity));
    if (service === null) rejects.add('other service', () => `an evaluation from the service ${identity.name}`);
    else into.push({ ...evaluation, service });
  }

  /** @returns the record's event name, which older senders write as an attribute */
  #readRecord(end: number): string {
    const wire = this.#wire;
    const { attributes } = this.#reader;
    attributes.clear();
    this.#traceId.length = 0;
    this.#spanId.length = 0;
    let time = 0;
    let observed = 0;
    let name = '';
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === ATTRIBUTE) attributes.read(wire.messageEnd(end));
      else if (tag === BODY) wire.check(ANY_VALUE, wire.messageEnd(end), BODY_DEPTH);
      else if (tag === TIME) time = millisOf(wire.uint32(end), wire.uint32(end));
      else if (tag === OBSERVED_TIME) observed = millisOf(wire.uint32(end), wire.uint32(end));
      else if (tag === TRACE_ID) this.#readPlace(end, this.#traceId);
      else if (tag === SPAN_ID) this.#readPlace(end, this.#spanId);
      else if (tag === EVENT_NAME) name = this.#readName(end);
      else wire.skip(tag, end);
    }
    this.#at = time || observed;
    return name || attributes.text('event.name');
  }

  #readPlace(end: number, into: Place): void {
    into.length = this.#wire.size(end);
    into.at = this.#wire.at;
    this.#wire.at += into.length;
  }

  #readName(end: number): string {
    const wire = this.#wire;
    const length = wire.size(end);
    const name = wire.buffer.toString('utf8', wire.at, wire.at + length);
    wire.at += length;
    return name;
  }

  #evaluation({ now, retention }: TimeWindow): TelemetryEvaluation | Fault {
    const traceId = this.#idAt(this.#traceId, 16);
    const spanId = this.#idAt(this.#spanId, 8);
    if (traceId === null) return { fault: 'trace id', example: `trace id "${this.#hex(this.#traceId)}"` };
    if (spanId === null) return { fault: 'span id', example: `span id "${this.#hex(this.#spanId)}"` };
    const at = this.#at;
    const when = `an evaluation of ${at > 0 ? new Date(at).toISOString() : 'no time'}`;
    if (at > now + MAX_AHEAD) return { fault: 'in the future', example: when };
    if (at > 0 && at < now - retention) return { fault: 'too old', example: when };
    return this.#reader.evaluation({ traceId, spanId, at: at > 0 ? at : null, scope: this.#scope });
  }

  #tooMany(): Fault {
    return { fault: 'too many', example: `an evaluation of trace ${this.#hex(this.#traceId) || '(none)'}` };
  }

  /** '' when there is none, which zeros say as well; null when it is none. */
  #idAt(place: Place, bytes: number): string | null {
    if (place.length === 0) return '';
    if (place.length !== bytes) return null;
    return isZero(this.#wire.buffer, place.at, bytes) ? '' : this.#hex(place);
  }

  #hex({ at, length }: Place): string {
    return this.#wire.buffer.toString('hex', at, at + Math.min(length, 32));
  }
}

/** Log records, as a door takes them. */
export function logsSignal({ sink, clock, retention, counters, limits }: ReceiverOptions): OtlpSignal {
  const decoder = new LogDecoder(limits);
  return {
    name: 'logs',
    protobufOfJson: (body, rejects) => protobufOfLogs(body, rejects, limits?.maxValueDepth),
    decode: (protobuf, rejects, sender) => {
      const window = { now: clock(), retention: retention() };
      const { evaluations, unused } = decoder.decode(protobuf, window, rejects, sender);
      const rejected = rejects.list;
      const store = async (): Promise<void> => {
        if (evaluations.length > 0) counters.signals('evaluation', await sink.evaluate(evaluations));
        counters.signals('log', { unused });
        for (const { reason, count } of rejected)
          counters.signals('evaluation', { [reason === 'too old' ? 'too_late' : 'rejected']: count });
      };
      return { count: evaluations.length + unused, rejected, warnings: [], store };
    },
  };
}
