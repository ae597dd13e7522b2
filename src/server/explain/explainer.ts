import { NOTHING_DECLARED } from '../../../collectors/dialects/declared.ts';
import type { Dialect } from '../../../collectors/dialects/dialect.ts';
import type { ReaderOptions } from '../../../collectors/dialects/reader.ts';
import {
  type Rejected,
  type Rejects,
  type TimeWindow,
  TraceDecoder,
  type WatchedSpan,
} from '../../../collectors/otlp/index.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { judgeTrace, type TraceJudgement } from '../../interactions/judge.ts';
import { type Code, Dictionary } from '../../model/dictionary.ts';
import type { Span } from '../../model/span.ts';
import { spansOfRecords } from '../../model/span-record.ts';
import { Presenter } from '../api/present.ts';
import { declaredAttributes } from '../declared.ts';
import type { AiSpanExplained, Explanation, LinkExplained } from './explanation.ts';
import { needsOf } from './needs.ts';
import { ServiceBook } from './service-book.ts';
import { SpanExplainer } from './span-explainer.ts';

export interface ExplainerOptions {
  readonly dialects: readonly Dialect[];
  readonly catalog: Catalog;
  /** Entries of the dictionary of what is explained; a long tail forgets what comes beyond them. */
  readonly maxNames?: number;
}

/** A trace request in protobuf, and what was left out of it when it was made from JSON. */
export interface RequestBody {
  readonly protobuf: Buffer;
  readonly rejects: Rejects;
}

export interface ExplainFilter {
  /** Spans of this service only, by its name in telemetry. */
  readonly service?: string;
  /** Spans explained one by one. */
  readonly limit: number;
}

/** Only tells versions of this one explanation apart: each installation has a key of its own. */
export const PROMPT_KEY = Buffer.from('plimsoll explain-span');

/**
 * Says what becomes of trace requests: the decoder of the doors reads them, and is watched while it does. What it reads is
 * kept nowhere.
 */
export class Explainer {
  readonly #dictionary: Dictionary;
  readonly #catalog: Catalog;
  readonly #reading: ReaderOptions;
  readonly #presenter: Presenter;

  constructor({ dialects, catalog, maxNames }: ExplainerOptions) {
    this.#dictionary = new Dictionary(undefined, maxNames);
    this.#catalog = catalog;
    const declared = catalog.services.length === 0 ? NOTHING_DECLARED : declaredAttributes(catalog, this.#dictionary);
    this.#reading = { dialects, dictionary: this.#dictionary, declared, promptKey: PROMPT_KEY };
    this.#presenter = new Presenter(this.#dictionary, catalog);
  }

  /** @throws MalformedBody when a body is no whole request */
  explain(bodies: readonly RequestBody[], window: TimeWindow, filter: ExplainFilter): Explanation {
    const watched = new Watched(this.#dictionary, this.#catalog, this.#reading.dialects, filter);
    const decoder = new TraceDecoder(this.#reading, undefined, (span) => watched.see(span));
    const spans: Span[] = [];
    const refused: Rejected[] = [];
    for (const { protobuf, rejects } of bodies) {
      const { records, rejected } = decoder.decode(protobuf, window, rejects);
      for (const span of spansOfRecords(records)) spans.push(span);
      refused.push(...rejected);
    }
    return { ...watched.explained, refused, ...this.#judged(spans, watched, filter) };
  }

  /** The interactions and calls that these spans alone make. */
  #judged(spans: readonly Span[], { services }: Watched, { service }: ExplainFilter): Judged {
    const isWanted = (of: Code): boolean => service === undefined || this.#presenter.identityOf(of).name === service;
    const traces = [...Map.groupBy(spans, ({ traceId }) => traceId).values()];
    const judgements = traces.map((trace) => judgeTrace(trace, (of) => services.exchangeOf(of)));
    const interactions = judgements.flatMap((one) => one.interactions).filter((one) => isWanted(one.service));
    const calls = judgements.flatMap((one) => one.calls).filter((one) => isWanted(one.service));
    const answered = leadsWithResponseId(spans, judgements);
    return {
      interactions: interactions.map((one) => this.#presenter.interaction(one)),
      calls: calls.map((one) => this.#presenter.call(one)),
      needs: services
        .evidence(interactions)
        .flatMap((evidence) => needsOf(evidence, (one) => answered.has(one.traceId + one.spanId))),
    };
  }
}

type Judged = Pick<Explanation, 'interactions' | 'calls' | 'needs'>;

/** The spans of some requests, explained while the decoder reads them. */
class Watched {
  readonly services: ServiceBook;
  readonly #spans: SpanExplainer;
  readonly #filter: ExplainFilter;
  readonly #aiSpans: AiSpanExplained[] = [];
  readonly #links: LinkExplained[] = [];
  #notShown = 0;

  constructor(dictionary: Dictionary, catalog: Catalog, dialects: readonly Dialect[], filter: ExplainFilter) {
    this.services = new ServiceBook(dictionary, catalog);
    this.#spans = new SpanExplainer(dictionary, dialects);
    this.#filter = filter;
  }

  get explained(): Pick<Explanation, 'services' | 'aiSpans' | 'links' | 'notShown'> {
    const { service } = this.#filter;
    const services = this.services.explained.filter(({ name }) => service === undefined || name === service);
    return { services, aiSpans: this.#aiSpans, links: this.#links, notShown: this.#notShown };
  }

  see(span: WatchedSpan): void {
    const { name, slices } = this.services.of(span);
    if (this.#filter.service !== undefined && name !== this.#filter.service) return;
    if (span.draft.kind === 'none') this.#show(this.#links, this.#spans.link(span, name));
    else {
      const explained = this.#spans.aiSpan(span, name, slices);
      this.services.note(span.draft.service, explained);
      this.#show(this.#aiSpans, explained);
    }
  }

  #show<T>(list: T[], one: T): void {
    if (list.length < this.#filter.limit) list.push(one);
    else this.#notShown++;
  }
}

/** Interactions of which some span named its response, by trace and lead. */
function leadsWithResponseId(spans: readonly Span[], judgements: readonly TraceJudgement[]): Set<string> {
  const named = new Set(spans.flatMap((span) => (span.responseRef === '' ? [] : [span.traceId + span.spanId])));
  const leads = new Set<string>();
  for (const { interactions, leadOf } of judgements)
    for (const [span, lead] of leadOf) {
      const { traceId } = interactions[0]!;
      if (named.has(traceId + span)) leads.add(traceId + lead);
    }
  return leads;
}
