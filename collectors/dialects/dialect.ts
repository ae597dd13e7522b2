import type { Kind } from '../../src/model/span.ts';

/** What is read of a span of AI, beside its kind: rows of the table in README.md. */
export const FIELDS = [
  'provider',
  'requestModel',
  'responseModel',
  'operation',
  'finishReason',
  'responseId',
  'conversationId',
  'userId',
  'agent',
  'promptName',
  'promptVersion',
  'instructions',
  'serviceVersion',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'timeToFirstTokenMs',
  'cost',
  'guardrail',
  'embeddingDimensions',
] as const;
export type Field = (typeof FIELDS)[number];

/** Where a field stands in a span, and how it is read from there. */
export type Source =
  /** An attribute's value, text or number. */
  | { readonly take: 'value'; readonly key: string }
  /** An attribute that holds the response's model or, from some senders, the requested one again: then it says nothing. */
  | { readonly take: 'new model'; readonly key: string }
  /** The first element of a list, which may be an array, JSON text of one, texts with commas between them, or a lone text. */
  | { readonly take: 'first'; readonly key: string }
  /** A value inside of JSON text. */
  | { readonly take: 'json'; readonly key: string; readonly path: readonly string[] }
  /** A number of seconds, for a field in milliseconds. */
  | { readonly take: 'seconds'; readonly key: string }
  /** An attribute of the first event of that name that has one of those which are asked of it. */
  | { readonly take: 'event'; readonly event: string; readonly key: string }
  /** The same, where the attribute holds the JSON text of a list: a value inside of its first element. */
  | { readonly take: 'event json'; readonly event: string; readonly key: string; readonly path: readonly string[] }
  /** Milliseconds from the span's start to the first event of that name. */
  | { readonly take: 'event time'; readonly event: string }
  /** Milliseconds from the span's start to a time in ISO 8601, which may be quoted once more inside of the text. */
  | { readonly take: 'time'; readonly key: string }
  /** Of counts in a JSON object that add up to its `total`: the sum of those that have the word in their name. */
  | { readonly take: 'parts'; readonly key: string; readonly word: string }
  /** Of a model's name `maker/model`: what stands in front of the slash. Only spans of models have it. */
  | { readonly take: 'maker'; readonly key: string }
  /** What stands behind the first slash, or all of it. Only spans of models have it. */
  | { readonly take: 'model'; readonly key: string };

export const value = (key: string): Source => ({ take: 'value', key });
export const newModel = (key: string): Source => ({ take: 'new model', key });
export const first = (key: string): Source => ({ take: 'first', key });
export const json = (key: string, ...path: string[]): Source => ({ take: 'json', key, path });
export const seconds = (key: string): Source => ({ take: 'seconds', key });
export const event = (name: string, key: string): Source => ({ take: 'event', event: name, key });
export const eventJson = (name: string, key: string, ...path: string[]): Source => ({
  take: 'event json',
  event: name,
  key,
  path,
});
export const eventTime = (name: string): Source => ({ take: 'event time', event: name });
export const time = (key: string): Source => ({ take: 'time', key });
export const parts = (key: string, word: string): Source => ({ take: 'parts', key, word });
export const maker = (key: string): Source => ({ take: 'maker', key });
export const model = (key: string): Source => ({ take: 'model', key });

/** From the values of a marker to kinds. */
export interface KindTable {
  readonly values: Readonly<Record<string, Kind>>;
  /** Of values that are not among these: by how they end. */
  readonly endings?: Readonly<Record<string, Kind>>;
  /** The kind of every other value; `none`: such a value marks no span. */
  readonly otherwise: Kind;
  /** Values are compared in upper case. */
  readonly upperCase?: true;
}

/** How one family of instrumentations writes what it knows about a span. Adding one is a file and a line in `index.ts`. */
export interface Dialect {
  readonly name: string;
  /**
   * A span is this dialect's when one of these attributes has a value, and no dialect in front of it in the list matches. Without
   * markers it only adds sources to the spans of others.
   */
  readonly markers: readonly string[];
  /** Scopes in which the markers count; without them in all. */
  readonly scopes?: readonly string[];
  /** Attributes beside which the markers don't count: who writes them has the markers on spans of other things, too. */
  readonly unless?: readonly string[];
  /** From the marker's value to the span's kind; or the kind of all its spans. */
  readonly kinds: KindTable | Kind;
  /**
   * Markers of others that count instead where this one says chain or step, and they say that the span is a call: of a model, an
   * embedding, a retrieval or a reranking.
   */
  readonly yieldsTo?: readonly string[];
  /**
   * Where the dialect stands in the rows of the table: a field is taken from the first source with a value, in order of column,
   * whichever dialect gave the kind, because one span may carry several.
   */
  readonly column: number;
  /** Another column for single fields. */
  readonly columnOf?: Partial<Readonly<Record<Field, number>>>;
  readonly fields: Partial<Readonly<Record<Field, readonly Source[]>>>;
  /** What names the tool, retriever, agent ... that a span of that kind called. */
  readonly names: Partial<Readonly<Record<Kind, readonly Source[]>>>;
  /** Kinds whose spans, when nothing else names them, are named by the span's own name. */
  readonly namedBySpan?: readonly Kind[];
  /** What a span's own name has in front of the name of what it called, when nothing else names that: `tools/call `; a bracket that it opens ends the name. */
  readonly namedBehind?: string;
  /** Attributes that say with these values that the span failed, whatever its status says. */
  readonly failures?: Readonly<Record<string, string>>;
  /** The same for attributes that mean something else elsewhere: of spans that are this dialect's alone. */
  readonly failuresOfOwn?: Readonly<Record<string, string>>;
  /**
   * Attributes that say with these values that a span is no call, though it has the attributes of one: of which kind it is instead,
   * whichever dialect it is of.
   */
  readonly instead?: Readonly<Record<string, Readonly<Record<string, Kind>>>>;
  /** The attribute of a resource or a span that names the environment, where the resource has no `deployment.environment.name`. */
  readonly environment?: string;
  /** Scopes whose spans failed when they have an exception event: elsewhere it may have been handled. */
  readonly failedByException?: readonly string[];
  /** Scopes that leave what was cached out of the input tokens. */
  readonly inputWithoutCache?: readonly string[];
  /** How many of the input tokens were not cached: where that is all of the input, what was cached was left out of it. */
  readonly uncachedInput?: readonly Source[];
}
