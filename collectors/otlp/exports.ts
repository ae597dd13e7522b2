import { AccessRefused } from '../../src/model/access.ts';
import type { Limits } from '../../src/model/config/limits.ts';
import { Overloaded, type SignalSink } from '../../src/model/ingest.ts';
import type { Millis } from '../../src/model/time.ts';
import type { WireForm } from './answers.ts';
import type { OtlpCounters } from './counters.ts';
import type { TraceDecoder } from './decode.ts';
import { MalformedJson } from './json-writer.ts';
import { logsSignal } from './logs.ts';
import { metricsSignal } from './metrics.ts';
import { comeAgain, Refusal, type RefusalCode } from './refusal.ts';
import { LIMIT_OF, type Rejected, Rejects } from './rejects.ts';
import type { Sender, SenderCredentials } from './sender.ts';
import { type DecodedRequest, type OtlpSignal, SIGNALS, type SignalName } from './signal.ts';
import type { TimeWindow } from './span-check.ts';
import { tracesSignal } from './traces.ts';
import { MalformedBody, TooDeep } from './wire.ts';

/** A request for spans that was decoded. The bytes are the door's: whoever wants to keep them copies them. */
export interface ArrivedRequest {
  readonly protobuf: Buffer;
  readonly window: TimeWindow;
  readonly rejected: readonly Rejected[];
}

/** What a door needs from the house. */
export interface ReceiverOptions {
  readonly sink: SignalSink;
  /** The decoder of spans in force: another one after a change of configuration. */
  readonly decoder: () => TraceDecoder;
  readonly clock: () => Millis;
  /** How long stored spans are kept: what ended before that is refused. */
  readonly retention: () => Millis;
  readonly counters: OtlpCounters;
  /** Told of each request for spans that was decoded, before it is stored. */
  readonly tap?: (request: ArrivedRequest) => void;
  /** Who sends, asked before a body is read: null for whoever may send for all services. @throws AccessRefused */
  readonly sender?: (credentials: SenderCredentials) => Promise<Sender | null>;
  /** Those of the deployment's file, as far as they differ from the usual. */
  readonly limits?: Partial<Limits>;
  /** Told of what should not happen; the sender is asked to come again. */
  readonly report: (error: unknown) => void;
}

/** What becomes of an export request, whichever way it came in. */
export class Exports {
  readonly #options: ReceiverOptions;
  readonly #signals: Readonly<Record<SignalName, OtlpSignal>>;
  /** Set when the door closes: what comes then is asked to come again. */
  isClosing = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#signals = {
      traces: tracesSignal(options),
      logs: logsSignal(options),
      metrics: metricsSignal(options),
    };
  }

  /** @throws Refusal, Overloaded when a request would be read in vain just now */
  admit(): void {
    if (this.isClosing) throw comeAgain('PLIM_OTLP_CLOSING', 'this door is being closed');
    const overload = this.#options.sink.overload?.() ?? null;
    if (overload !== null) throw overload;
  }

  /** @throws Refusal for whoever may not send */
  async sender(credentials: SenderCredentials): Promise<Sender | null> {
    return (await this.#options.sender?.(credentials)) ?? null;
  }

  /** Reads a request, of which nothing lies in `body` afterwards. @throws Refusal */
  decode(name: SignalName, form: WireForm, body: Buffer, sender: Sender | null): DecodedRequest {
    const signal = this.#signals[name];
    const rejects = new Rejects();
    try {
      const decoded = signal.decode(form === 'json' ? signal.protobufOfJson(body, rejects) : body, rejects, sender);
      this.#countLimits(decoded);
      if (decoded.count === 0 && isAllOfOthers(decoded)) throw notTheirs(decoded);
      return decoded;
    } catch (error) {
      throw error instanceof MalformedBody || error instanceof MalformedJson ? malformed(name, error) : error;
    }
  }

  #countLimits({ cut = 0, rejected, warnings }: DecodedRequest): void {
    const { counters } = this.#options;
    if (cut > 0) counters.limited('attributesPerSpan', cut);
    for (const { reason, count } of [...rejected, ...warnings]) {
      const limit = LIMIT_OF[reason];
      if (limit !== undefined) counters.limited(limit, count);
    }
  }

  refusalFor(error: unknown): Refusal {
    if (error instanceof Refusal) {
      if (error.limit !== null) this.#options.counters.limited(error.limit);
      return error;
    }
    if (error instanceof AccessRefused) return accessRefusal(error);
    if (error instanceof Overloaded) return comeAgain('PLIM_OTLP_OVERLOADED', error.message, error.retryAfterSeconds);
    this.#options.report(error);
    return comeAgain('PLIM_OTLP_STORE', 'the request could not be stored, or not all of it');
  }
}

const ACCESS_CODES = {
  unauthenticated: 'PLIM_OTLP_UNAUTHENTICATED',
  forbidden: 'PLIM_OTLP_FORBIDDEN',
  locked: 'PLIM_OTLP_LOCKED',
} as const satisfies Record<AccessRefused['kind'], RefusalCode>;

function accessRefusal({ kind, message, fix, retryAfterSeconds }: AccessRefused): Refusal {
  const headers: Record<string, string> =
    kind === 'unauthenticated'
      ? { 'www-authenticate': 'Bearer realm="plimsoll"' }
      : kind === 'locked'
        ? { 'retry-after': String(retryAfterSeconds) }
        : {};
  return new Refusal(ACCESS_CODES[kind], message, fix, headers);
}

/** Nothing of a request is of a service that its sender may send for; of one that holds others as well these are rejected alone. */
const isAllOfOthers = ({ rejected }: DecodedRequest): boolean =>
  rejected.length > 0 && rejected.every(({ reason }) => reason === 'other service');

const notTheirs = ({ rejected }: DecodedRequest): Refusal =>
  new Refusal(
    'PLIM_OTLP_FORBIDDEN',
    `the token is not for what was sent (${rejected[0]!.example})`,
    'nothing of it was kept; use a token whose services include it',
  );

function malformed(name: SignalName, error: Error): Refusal {
  const { noun, request } = SIGNALS[name];
  return new Refusal(
    'PLIM_OTLP_MALFORMED',
    `the body is no OTLP ${noun} request: ${error.message}`,
    `nothing of it was kept; send an ${request} in the form that its content type names, and whole`,
    {},
    error instanceof TooDeep ? 'valueDepth' : null,
  );
}
