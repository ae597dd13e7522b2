// Senders that keep what is not acknowledged and send it again, as exporters do.
import { randomBytes } from 'node:crypto';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });

interface SentSpan extends Readonly<Record<string, unknown>> {
  readonly traceId: string;
  readonly spanId: string;
}

interface Trace {
  readonly traceId: string;
  readonly spans: readonly SentSpan[];
}

/** An HTTP entry, an agent and two model calls, of which a third fails; it ended within the last minutes. */
function trace(chance: () => number): Trace {
  const traceId = hex(16);
  const end = Date.now() - Math.floor(chance() * 240_000);
  const ids = [hex(8), hex(8), hex(8), hex(8)];
  const failed = chance() < 0.35;
  const span = (i: number, parent: number | null, kind: number, attributes: object[]): SentSpan => ({
    traceId,
    spanId: ids[i]!,
    ...(parent === null ? {} : { parentSpanId: ids[parent] }),
    name: `span ${i}`,
    kind,
    startTimeUnixNano: `${end - 2000 + i * 100}000000`,
    endTimeUnixNano: `${end - i * 50}000000`,
    attributes,
    status: failed ? { code: 2 } : {},
    flags: 257,
  });
  const model = [text('gen_ai.operation.name', 'chat'), text('gen_ai.response.model', chance() < 0.5 ? 'a' : 'b')];
  return {
    traceId,
    spans: [
      span(0, null, 2, [text('http.request.method', 'POST')]),
      span(1, 0, 1, [text('gen_ai.operation.name', 'invoke_agent')]),
      span(2, 1, 3, model),
      span(3, 1, 3, model),
    ],
  };
}

/** Where the senders find whoever takes their data just now; null: nobody. */
export interface Target {
  now: { readonly http: string; readonly otlpHttp: string } | null;
}

export class Load {
  /** What was acknowledged: spans as `trace span`, ratings by their ids. */
  readonly spans = new Set<string>();
  readonly ratings = new Set<string>();
  /** How often a sender was told to come again, and when. */
  readonly comeAgain: { readonly retryAfter: string | null }[] = [];
  readonly #target: Target;
  readonly #chance: () => number;
  readonly #senders: Promise<void>[];
  #isOver = false;

  constructor(target: Target, chance: () => number, senders = 2) {
    this.#target = target;
    this.#chance = chance;
    this.#senders = Array.from({ length: senders }, () => this.#send());
  }

  /** Resolves when all that was begun has been acknowledged. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#senders);
  }

  /** Each trace comes in two batches, with a pause in between; some batches come twice, some evaluations before their spans. */
  async #send(): Promise<void> {
    let before: Trace['spans'] = [];
    for (let last = false; !last; ) {
      last = this.#isOver;
      const traces = last ? [] : Array.from({ length: 15 }, () => trace(this.#chance));
      const first = traces.flatMap(({ spans }) => spans.filter((_, i) => i % 2 === 0));
      const second = traces.flatMap(({ spans }) => spans.filter((_, i) => i % 2 === 1));
      const rated = traces.filter(() => this.#chance() < 0.3);
      if (rated.length > 0) await this.#rate(rated);
      for (const batch of this.#chance() < 0.2 ? [first, before, first] : [first, before])
        if (batch.length > 0) await this.#spans(batch);
      before = second;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (before.length > 0) await this.#spans(before);
  }

  async #spans(spans: Trace['spans']): Promise<void> {
    const resource = { attributes: [text('service.name', 'bot')] };
    const body = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 's' }, spans }] }] };
    await this.#until(({ otlpHttp }) => `${otlpHttp}/v1/traces`, body);
    for (const { traceId, spanId } of spans) this.spans.add(`${traceId} ${spanId}`);
  }

  async #rate(traces: readonly Trace[]): Promise<void> {
    const evaluations = traces.map(({ traceId }) => ({
      id: `rating of ${traceId}`,
      traceId,
      name: 'groundedness',
      score: this.#chance() < 0.2 ? 0.3 : 0.9,
      evaluator: 'judge',
    }));
    await this.#until(({ http }) => `${http}/api/v1/evaluations`, { evaluations });
    for (const { id } of evaluations) this.ratings.add(id);
  }

  /** The same again until it is acknowledged. */
  async #until(urlAt: (at: NonNullable<Target['now']>) => string, body: object): Promise<void> {
    for (;;) {
      const at = this.#target.now;
      if (at !== null) {
        const response = await fetch(urlAt(at), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(20_000),
        }).catch(() => null);
        if (response?.status === 200) return;
        if (response !== null) {
          if (response.status !== 503) throw new Error(`answered ${response.status}: ${await response.text()}`);
          this.comeAgain.push({ retryAfter: response.headers.get('retry-after') });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
