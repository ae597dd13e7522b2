import { MINUTES_PER_DAY } from '../../model/time.ts';
import type { Random } from '../random.ts';
import { hexId, logNormal } from './draws.ts';
import type { DemoSpan } from './otlp-json.ts';
import { BAD_MODEL, EXTRACT_MODEL, SERVICES } from './services.ts';

const MINUTE = 60_000;
const DAY = MINUTES_PER_DAY * MINUTE;
export const HISTORY_DAYS = 30;

/**
 * A bad model was put in and taken out again, so long before now. This and the outage lie at the time of day at which the
 * demo is started: they last long enough to be found in the little traffic of midnight.
 */
export const MODEL_CHANGE = {
  service: SERVICES.invoices,
  agoMs: 12 * DAY,
  forMs: 6 * 60 * MINUTE,
  badShare: 0.5,
} as const;
/** A model provider was down, so long before now. */
export const OUTAGE = { service: SERVICES.policies, agoMs: 5 * DAY, forMs: 90 * MINUTE, failedShare: 0.85 } as const;

/** What one day left behind, in the shapes of the doors it goes through. */
export interface HistoryDay {
  readonly spans: ReadonlyMap<string, readonly DemoSpan[]>;
  readonly evaluations: readonly object[];
  readonly feedback: readonly object[];
  readonly changes: readonly object[];
  readonly interactions: number;
}

interface Draft {
  readonly spans: Map<string, DemoSpan[]>;
  readonly evaluations: object[];
  readonly feedback: object[];
  readonly changes: object[];
  interactions: number;
}

/** Thirty days of three services up to `now`, a day at a time, the same for the same seed and instant. */
export function* history(now: number, random: Random): Generator<HistoryDay> {
  const end = Math.floor(now / MINUTE) * MINUTE - MINUTE;
  for (let day = HISTORY_DAYS; day > 0; day--) {
    const draft: Draft = { spans: new Map(), evaluations: [], feedback: [], changes: [], interactions: 0 };
    const from = end - day * DAY;
    changesOf(draft, now, from, from + DAY);
    for (let minute = from; minute < from + DAY; minute += MINUTE)
      for (const { name, perMinute, exchange } of TRAFFIC)
        for (let n = poisson(random, perMinute * daytime(minute)); n > 0; n--) {
          const { spans, evaluation, thumb } = exchange({ at: minute + random() * MINUTE, now, random });
          const list = draft.spans.get(name);
          if (list === undefined) draft.spans.set(name, spans);
          else list.push(...spans);
          if (evaluation !== null) draft.evaluations.push(evaluation);
          if (thumb !== null) draft.feedback.push(thumb);
          draft.interactions++;
        }
    yield draft;
  }
}

/** More at noon than at midnight, 1 on average. */
const daytime = (at: number): number => 1 - 0.6 * Math.cos((2 * Math.PI * (at % DAY)) / DAY);

function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let n = 0;
  for (let product = random(); product > limit; product *= random()) n++;
  return n;
}

interface Occasion {
  /** When it ended, ms. */
  readonly at: number;
  readonly now: number;
  readonly random: Random;
}

interface Exchange {
  readonly spans: DemoSpan[];
  readonly evaluation: object | null;
  readonly thumb: object | null;
}

interface Traffic {
  readonly name: string;
  readonly perMinute: number;
  readonly exchange: (occasion: Occasion) => Exchange;
}

const TRAFFIC: readonly Traffic[] = [
  { name: SERVICES.bot, perMinute: 1, exchange: supportExchange },
  { name: SERVICES.invoices, perMinute: 0.5, exchange: invoiceExchange },
  { name: SERVICES.policies, perMinute: 0.5, exchange: policyExchange },
];

const isDuring = ({ agoMs, forMs }: { agoMs: number; forMs: number }, { at, now }: Occasion): boolean =>
  at >= now - agoMs && at < now - agoMs + forMs;

function supportExchange(occasion: Occasion): Exchange {
  const { at, now, random } = occasion;
  const { root, child, spans } = trace('POST /ask', occasion, 900, random() < 0.0005);
  const agent = child(root, 'invoke_agent support-bot', 1, {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'support-bot',
    'gen_ai.prompt.name': 'answer',
    'gen_ai.prompt.version': '7',
  });
  child(agent, 'chat gpt-4o-mini', 3, chat('openai', 'gpt-4o-mini', 'gpt-4o-mini-2024-07-18', random));
  const isGrounded = random() > 0.02;
  return {
    spans,
    evaluation: {
      traceId: root.traceId,
      name: 'groundedness',
      score: isGrounded ? 1 : 0.5 * Math.floor(2 * random()),
      evaluator: 'figures-in-passage',
      evaluatorVersion: '1',
      at: later(at, now, 1_000 + 4_000 * random()),
    },
    thumb:
      random() > 0.3
        ? null
        : {
            traceId: root.traceId,
            kind: 'thumbs',
            value: random() < (isGrounded ? 0.06 : 0.7) ? 'down' : 'up',
            at: later(at, now, 5_000 + 90_000 * random()),
          },
  };
}

function invoiceExchange(occasion: Occasion): Exchange {
  const { at, now, random } = occasion;
  const isBadModel = isDuring(MODEL_CHANGE, occasion);
  const model = isBadModel ? BAD_MODEL : EXTRACT_MODEL;
  const { root, child, spans } = trace('POST /invoices', occasion, 2200, random() < 0.0005);
  child(root, 'generate_content invoice-extract', 3, {
    ...chat('self_hosted', 'invoice-extract', model, random),
    'gen_ai.operation.name': 'generate_content',
  });
  const isRight = random() > (isBadModel ? MODEL_CHANGE.badShare : 0.03);
  const score = isRight ? 1 : Math.floor(9 * random()) / 10;
  return {
    spans,
    evaluation: {
      traceId: root.traceId,
      name: 'fields_match',
      score,
      evaluator: 'booking-check',
      evaluatorVersion: '3',
      at: later(at, now, 20_000 * random()),
    },
    thumb: null,
  };
}

function policyExchange(occasion: Occasion): Exchange {
  const { at, now, random } = occasion;
  const isDown = random() < (isDuring(OUTAGE, occasion) ? OUTAGE.failedShare : 0.0008);
  const { root, child, spans } = trace('POST /search', occasion, 1300, isDown);
  const agent = child(root, 'invoke_agent policy-search', 1, {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'policy-search',
    'gen_ai.prompt.version': '3',
  });
  child(agent, 'chat gpt-4o', 3, chat('azure.ai.openai', 'gpt-4o', 'gpt-4o-2024-08-06', random));
  return {
    spans,
    evaluation: isDown
      ? null
      : {
          traceId: root.traceId,
          name: 'groundedness',
          score: random() > 0.03 ? 1 : 0.4,
          evaluator: 'citation-check',
          evaluatorVersion: '1',
          at: later(at, now, 10_000 * random()),
        },
    thumb: null,
  };
}

/** Never after now: ratings are of the past like everything else here. */
const later = (at: number, now: number, delayMs: number): string => new Date(Math.min(at + delayMs, now)).toISOString();

const chat = (provider: string, asked: string, served: string, random: Random): DemoSpan['attributes'] => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': asked,
  'gen_ai.response.model': served,
  'gen_ai.usage.input_tokens': Math.round(logNormal(random, 420, 0.4)),
  'gen_ai.usage.output_tokens': Math.round(logNormal(random, 60, 0.5)),
});

type Child = (parent: DemoSpan, name: string, kind: DemoSpan['kind'], attributes: DemoSpan['attributes']) => DemoSpan;

/** A request to a service and the spans below it: each within the one above, and failed when that has failed. */
function trace(
  name: string,
  { at, random }: Occasion,
  medianMs: number,
  isError: boolean,
): { root: DemoSpan; child: Child; spans: DemoSpan[] } {
  const traceId = hexId(random, 16);
  const attributes = {
    'http.request.method': 'POST',
    'http.route': name.slice('POST '.length),
    'http.response.status_code': isError ? 502 : 200,
  };
  const root: DemoSpan = {
    traceId,
    spanId: hexId(random, 8),
    name,
    kind: 2,
    start: at - Math.min(30_000, logNormal(random, medianMs, 0.35)),
    end: at,
    attributes,
    isError,
  };
  const spans = [root];
  const child: Child = (parent, childName, kind, values) => {
    const span: DemoSpan = {
      traceId,
      spanId: hexId(random, 8),
      parentSpanId: parent.spanId,
      name: childName,
      kind,
      start: parent.start + 1,
      end: parent.end - 1,
      attributes: isError ? { ...values, 'error.type': 'server_error' } : values,
      isError,
    };
    spans.push(span);
    return span;
  };
  return { root, child, spans };
}

/** Changes that somebody declared on that day. */
function changesOf(draft: Draft, now: number, from: number, to: number): void {
  const changed = now - MODEL_CHANGE.agoMs;
  const mended = changed + MODEL_CHANGE.forMs;
  const steps = [
    { at: changed, before: EXTRACT_MODEL, after: BAD_MODEL },
    { at: mended, before: BAD_MODEL, after: EXTRACT_MODEL },
  ];
  for (const { at, before, after } of steps)
    if (at >= from && at < to)
      draft.changes.push({
        service: MODEL_CHANGE.service,
        type: 'model_version',
        before,
        after,
        at: new Date(at).toISOString(),
      });
}
