import { z } from 'zod';
import { ask, Failed, parsedJson } from '../steps.ts';
import type { Door } from './door.ts';

const PAGES_MAX = 25;

/**
 * What a query finds, page by page; null in the place of what can't be read even alone. Of an answer the first 64 KB are read; when that is not
 * enough, fewer at a time are asked for.
 */
export async function* pages<S extends z.ZodObject>(
  table: string,
  query: string,
  atOnce: number,
  shape: S,
  door: Door,
): AsyncGenerator<z.output<S>[] | null> {
  for (let page = 0, limit = atOnce, offset = 0; page < PAGES_MAX; page++) {
    const read = await list(table, query, limit, offset, shape, door);
    if (read === null && limit > 1) {
      limit = Math.floor(limit / 2);
      continue;
    }
    yield read;
    if (read !== null && read.length < limit) return;
    offset += read?.length ?? 1;
    if (read === null) limit = atOnce;
  }
}

/** Null: its answer can't be read, as one that was too long and was cut. */
async function list<S extends z.ZodObject>(
  table: string,
  query: string,
  limit: number,
  offset: number,
  shape: S,
  door: Door,
): Promise<z.output<S>[] | null> {
  const address = `${door.url}/api/now/table/${encodeURIComponent(table)}`;
  const fields = Object.keys(shape.shape).join(',');
  const url = `${address}?sysparm_query=${encodeURIComponent(query)}&sysparm_fields=${fields}&sysparm_exclude_reference_link=true&sysparm_limit=${limit}&sysparm_offset=${offset}`;
  const answer = await ask(door, { method: 'GET', url, headers: door.headers });
  if (answer === null) throw new Failed({ kind: 'permanent', reason: `there is no table ${table}` });
  const read = z.object({ result: z.array(shape) }).safeParse(parsedJson(answer.body));
  return read.success ? read.data.result : null;
}
