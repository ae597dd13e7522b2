import type { Http, HttpRequest } from '../../src/sinks/sink.ts';
import type { Answer, Received } from './http-server.ts';

interface Exchange {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: object;
    readonly body: unknown;
  };
  readonly answer: { readonly status: number; readonly body: unknown };
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A tool in memory, and everything that was said to it. */
export class Conversation {
  readonly exchanges: Exchange[] = [];
  readonly http: Http;

  constructor(answer: (request: Received) => Answer) {
    this.http = async (request) => {
      const { status, headers = {}, body = '' } = answer(receivedOf(request));
      this.exchanges.push({
        request: {
          method: request.method,
          path: receivedOf(request).path,
          headers: request.headers,
          body: parsed(request.body ?? ''),
        },
        answer: { status, body: parsed(body) },
      });
      return { kind: 'answer', status, headers, body };
    };
  }

  /** For a golden file; what is secret shows as `***`. */
  text(secrets: readonly string[]): string {
    const text = JSON.stringify(this.exchanges, null, 2);
    return `${secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)}\n`;
  }
}

export function receivedOf({ method, url, headers, body = '' }: HttpRequest): Received {
  const { pathname, search } = new URL(url);
  return { method, path: `${pathname}${search}`, headers, body, at: 0 };
}
