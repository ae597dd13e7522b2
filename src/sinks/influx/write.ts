import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BytesHttp } from '../http.ts';
import type { HttpResult } from '../sink.ts';
import type { Policy } from './schema.ts';

/** Lines of one request: beyond it nothing gets faster, and the thread is held up for longer. */
export const BATCH_LINES = 5000;

/** Where points are written to, as whom. */
export interface InfluxTarget {
  /** Base address, without a slash at its end. */
  readonly url: string;
  readonly database: string;
  /** The value of the header; null: nobody has to say who they are. */
  readonly authorization: string | null;
}

/**
 * What became of a batch.
 * - `written`: all of it but `refused` lines, which will never be taken: they are not sent again.
 * - `again`: nothing is known of it; it is sent again later.
 * - `stopped`: it is of no use to go on before somebody has seen to it.
 */
export type Written =
  | { readonly kind: 'written'; readonly lines: number; readonly refused: number; readonly reason: string | null }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string };

const pack = promisify(gzip);

/** Writes lines of one policy: as a whole, or in halves where they are too many for the server. */
export async function writeLines(
  http: BytesHttp,
  target: InfluxTarget,
  policy: Policy,
  lines: readonly string[],
): Promise<Written> {
  if (lines.length === 0) return { kind: 'written', lines: 0, refused: 0, reason: null };
  const result = await http({
    method: 'POST',
    url: `${target.url}/write?${new URLSearchParams({ db: target.database, rp: policy, precision: 's' })}`,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      ...(target.authorization !== null && { authorization: target.authorization }),
    },
    body: await pack(lines.join('\n'), { level: 1 }),
  });
  if (result.kind !== 'answer' || result.status !== 413) return writtenOf(result, lines.length);
  if (lines.length === 1)
    return { kind: 'written', lines: 0, refused: 1, reason: 'a single line is too long for the server (413)' };
  const middle = lines.length >> 1;
  const first = await writeLines(http, target, policy, lines.slice(0, middle));
  if (first.kind !== 'written') return first;
  const second = await writeLines(http, target, policy, lines.slice(middle));
  if (second.kind !== 'written') return second;
  return {
    kind: 'written',
    lines: first.lines + second.lines,
    refused: first.refused + second.refused,
    reason: first.reason ?? second.reason,
  };
}

/** What an answer means for a batch of so many lines. */
export function writtenOf(result: HttpResult, lines: number): Written {
  if (result.kind === 'forbidden') return { kind: 'stopped', reason: result.reason };
  if (result.kind !== 'answer') return { kind: 'again', reason: result.reason };
  const { status } = result;
  if (status >= 200 && status < 300) return { kind: 'written', lines, refused: 0, reason: null };
  const said = errorIn(result.body);
  switch (status) {
    case 400: {
      // Of a line that can't be read, and of points that are too old, the server leaves out those alone.
      const isPartial = said.includes('partial write');
      const refused = isPartial ? Math.min(lines, Math.max(1, Number(/dropped=(\d+)/.exec(said)?.[1] ?? 1))) : lines;
      return { kind: 'written', lines: lines - refused, refused, reason: reasonOf(said) };
    }
    case 401:
      return { kind: 'stopped', reason: 'the server does not know the user, or the password is another one (401)' };
    case 403:
      return { kind: 'stopped', reason: 'the user may not write to the database: GRANT WRITE ON it (403)' };
    case 404:
      return {
        kind: 'stopped',
        reason: said.includes('retention policy')
          ? 'the database lacks one of the retention policies minutes and hourly (404)'
          : 'there is no such database (404)',
      };
    case 429:
      return { kind: 'again', reason: 'the server asks to come later (429)' };
    default:
      if (status >= 500) return { kind: 'again', reason: `the server answered ${status}` };
      return { kind: 'stopped', reason: `the server answered ${status}` };
  }
}

function errorIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}

/** Why lines were left out, in words of ours: what the server says may hold names and values of telemetry. */
function reasonOf(said: string): string {
  if (said.includes('beyond retention policy')) return 'points are older than their retention policy keeps';
  if (said.includes('field type conflict')) return 'a field is of another type in the database';
  if (said.includes('max-values-per-tag') || said.includes('max-series-per-database'))
    return 'the database has as many series as it takes';
  if (said.includes('unable to parse')) return 'lines could not be read';
  return 'points were left out (400)';
}
