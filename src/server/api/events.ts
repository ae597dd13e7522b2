import type { Response } from 'express';
import { isWithin, type ServiceScope } from '../../model/access.ts';

/** Server-sent events for the console: what changed, not how; who sees one asks again. */
export class Events {
  readonly #listeners = new Map<Response, ServiceScope>();

  /** @param scope  services whose news are told */
  listen(response: Response, scope: ServiceScope): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    // HEAD asks for no news: an answer that does not end would be none.
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    response.write('retry: 2000\n\n');
    this.#listeners.set(response, scope);
    response.on('close', () => this.#listeners.delete(response));
  }

  /** @param service  whose news it is; left out: everybody's */
  send(event: 'tick' | 'incident' | 'problem' | 'change', data: unknown, service?: string): void {
    for (const [listener, scope] of this.#listeners)
      if (!listener.writableEnded && (service === undefined || isWithin(scope, service)))
        listener.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    for (const listener of this.#listeners.keys()) listener.end();
    this.#listeners.clear();
  }
}
