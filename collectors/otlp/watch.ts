import type { Code } from '../../src/model/dictionary.ts';
import type { SpanDraft } from '../dialects/draft.ts';
import type { Frame, Resource, SpanReader } from '../dialects/reader.ts';
import type { SlotValues } from '../dialects/slots.ts';

/** A span as the decoder has just read it: valid until the call returns, because the next span takes its place. */
export interface WatchedSpan {
  /** What its record says. */
  readonly draft: SpanDraft;
  readonly reader: SpanReader;
  readonly values: SlotValues;
  readonly frame: Frame;
  /** In the environment that the span names, where its resource names none. */
  readonly resource: Resource;
  readonly scope: Code;
  readonly scopeVersion: string;
  /** The body of the request. */
  readonly source: Buffer;
  /** Where the span's message lies in it. */
  readonly at: number;
  readonly end: number;
  /** Where the `ResourceSpans` around it lie. */
  readonly batchAt: number;
  readonly batchEnd: number;
}

export type SpanWatch = (span: WatchedSpan) => void;
