import type { ServerResponse } from 'node:http';
import { dialects } from '../../../collectors/dialects/index.ts';
import type { ArrivedRequest } from '../../../collectors/otlp/index.ts';
import { Rejects } from '../../../collectors/otlp/index.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Millis } from '../../model/time.ts';
import { Explainer, type ExplainFilter } from './explainer.ts';
import type { Explanation } from './explanation.ts';

/** What a listener is sent: the explanation of one request, and how many went by since the last one. */
export interface TailedExplanation extends Explanation {
  readonly passedOver: number;
}

export interface TapOptions {
  readonly catalog: Catalog;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Told of what should not happen. */
  readonly report: (error: unknown) => void;
}

/** Between two explanations, so that the doors have the thread nearly to themselves. */
const PAUSE: Millis = 200;
/** A larger request takes too long to explain beside the doors. */
const MAX_BYTES = 262_144;
/** A listener who reads more slowly than this is passed over. */
const MAX_UNREAD_BYTES = 4_194_304;
export const MAX_LISTENERS = 4;
const MAX_NAMES = 65_536;

/**
 * Explains what arrives to whoever listens: one request at a time, the others pass by and are counted. While nobody listens
 * it costs one comparison a request. Content stays here: an explanation holds none.
 */
export class ExplainTap {
  readonly #options: TapOptions;
  readonly #listeners = new Map<ServerResponse, ExplainFilter>();
  #explainer: Explainer | null = null;
  #held: ArrivedRequest | null = null;
  #passedOver = 0;
  #cancel: () => void = () => {};

  constructor(options: TapOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#listeners.size >= MAX_LISTENERS;
  }

  /** Sends server-sent events named `explanation` until the listener goes. */
  listen(response: ServerResponse, filter: ExplainFilter): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    response.write(': listening\n\n');
    this.#listeners.set(response, filter);
    response.on('close', () => {
      this.#listeners.delete(response);
      if (this.#listeners.size === 0) this.#rest();
    });
  }

  /** A request was decoded; its bytes are the door's and may change once this returns. */
  offer(request: ArrivedRequest): void {
    if (this.#listeners.size === 0) return;
    if (this.#held !== null || request.protobuf.length > MAX_BYTES) {
      this.#passedOver++;
      return;
    }
    this.#held = { ...request, protobuf: Buffer.from(request.protobuf) };
    this.#cancel = this.#options.schedule(PAUSE, () => this.#explain());
  }

  /** What was made of the catalog is made anew: the catalog has changed. */
  renew(): void {
    this.#explainer = null;
  }

  close(): void {
    for (const response of this.#listeners.keys()) response.end();
    this.#listeners.clear();
    this.#rest();
  }

  /** Keeps nothing of what came by. */
  #rest(): void {
    this.#cancel();
    this.#explainer = null;
    this.#held = null;
    this.#passedOver = 0;
  }

  #explain(): void {
    const { protobuf, window, rejected } = this.#held!;
    const passedOver = this.#passedOver;
    this.#held = null;
    this.#passedOver = 0;
    try {
      this.#explainer ??= new Explainer({ dialects, catalog: this.#options.catalog, maxNames: MAX_NAMES });
      for (const [response, filter] of this.#listeners) {
        // It was ended, and has not closed yet.
        if (response.writableEnded) continue;
        const explanation = this.#explainer.explain([{ protobuf, rejects: new Rejects() }], window, filter);
        send(response, { ...explanation, refused: rejected, passedOver });
      }
    } catch (error) {
      this.#options.report(error);
    }
  }
}

/** Nothing where it holds none of the listener's spans, or the listener does not keep up. */
function send(response: ServerResponse, explanation: TailedExplanation): void {
  const { aiSpans, links, refused } = explanation;
  if (aiSpans.length + links.length + refused.length === 0 || response.writableLength > MAX_UNREAD_BYTES) return;
  response.write(`event: explanation\ndata: ${JSON.stringify(explanation)}\n\n`);
}
