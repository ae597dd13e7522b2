import { createHash } from 'node:crypto';
import type { SinkContext } from '../../sinks/sink.ts';

/** How anything gets out. */
export type Ways = Pick<SinkContext<unknown>, 'http' | 'mail'>;

export interface Watched {
  readonly ways: Ways;
  /** Of the last answer, or the last reply of a mail server; null without one. */
  readonly status: () => number | null;
  /** Hex, over the last body that was sent; null when nothing was. */
  readonly payloadSha256: () => string | null;
  /** Whether anything was handed to the network. */
  readonly hasSent: () => boolean;
}

/** The ways out, with an eye on what goes through them. */
export function watched({ http, mail }: Ways): Watched {
  let hasSent = false;
  let status: number | null = null;
  let sha256: string | null = null;
  const hash = (payload: string): string => createHash('sha256').update(payload).digest('hex');
  return {
    ways: {
      http: async (request) => {
        hasSent = true;
        if (request.body !== undefined) sha256 = hash(request.body);
        const result = await http(request);
        if (result.kind === 'answer') status = result.status;
        return result;
      },
      mail: async (request) => {
        hasSent = true;
        sha256 = hash(request.message);
        const result = await mail(request);
        if (result.kind === 'accepted') status = 250;
        else if (result.kind === 'refused') status = result.code;
        return result;
      },
    },
    status: () => status,
    payloadSha256: () => sha256,
    hasSent: () => hasSent,
  };
}
