import { z } from 'zod';
import { idOfHex } from '../../model/ids.ts';
import type { Millis } from '../../model/time.ts';
import type { Place } from '../../store/reader.ts';
import { badRequest } from './problem.ts';

const instant = z.iso
  .datetime({ offset: true, error: 'a time like 2026-11-01T00:00:00Z' })
  .transform((text) => Date.parse(text));
const limit = z.coerce.number().int().min(1).max(1000).default(100);

/** A closed list of parameters: an unknown one is an error that names the known ones. */
export function readQuery<T extends z.ZodRawShape>(shape: T, query: unknown): z.output<z.ZodObject<T>> {
  const unknown = Object.keys(query as object).find((name) => !(name in shape));
  if (unknown !== undefined)
    throw badRequest(
      `there is no parameter ${JSON.stringify(unknown.slice(0, 64))}; known are: ${Object.keys(shape).join(', ')}`,
    );
  const result = z.object(shape).safeParse(query);
  if (result.success) return result.data as z.output<z.ZodObject<T>>;
  const [issue] = result.error.issues;
  const name = String(issue!.path[0]);
  const found = JSON.stringify((query as Record<string, unknown>)[name])?.slice(0, 64);
  throw badRequest(`${name}: ${expected(issue!)}, found ${found}`);
}

/** What should stand there, in words for whoever wrote it. */
const expected = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_value' && issue.message.startsWith('Invalid')
    ? `expected one of ${issue.values.map(String).join(', ')}`
    : issue.message;

export const range = { from: instant.optional(), to: instant.optional() };
export const paging = { limit, cursor: z.string().max(200).optional() };
export const environment = { environment: z.string().max(256).optional() };

/** Of lists that are in memory whole: all of it, as a rule, and pages where somebody asks for them. */
export const listPaging = {
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  cursor: z.string().max(200).optional(),
};

/** The number that a list of records, newest first, goes on below; null: from its beginning. */
export function numberIn(cursor: string | undefined): number | null {
  if (cursor !== undefined && !/^\d{1,12}$/.test(cursor)) throw badRequest(CURSOR);
  return cursor === undefined ? null : Number(cursor);
}

/** One page of rows that were read from the store, one more of them than it holds. @param cursorOf  where the page after it begins */
export function firstOf<T>(
  rows: readonly T[],
  limit: number,
  cursorOf: (last: T) => string | number,
): { page: readonly T[]; next: { nextCursor?: string } } {
  const page = rows.slice(0, limit);
  return { page, next: rows.length > limit ? { nextCursor: String(cursorOf(page.at(-1)!)) } : {} };
}

/** One page of a list whose order stays. */
export function pageOf<T>(
  items: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { page: readonly T[]; next: { nextCursor?: string } } {
  const from = numberIn(cursor) ?? 0;
  const to = from + limit;
  return { page: items.slice(from, to), next: to < items.length ? { nextCursor: String(to) } : {} };
}

export const CURSOR = 'cursor: take it from nextCursor of the page before, unchanged';

/** Where the next page begins, as URL-safe text. */
export const cursorOf = ({ end, nanos, trace, span }: Place): string =>
  Buffer.from(`${end}.${nanos}.${Buffer.from(trace + span, 'latin1').toString('hex')}`).toString('base64url');

export function placeOf(cursor: string): Place {
  const match = /^(\d{1,13})\.(\d{1,8})\.([0-9a-f]{48}|)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw badRequest(CURSOR);
  const ids = idOfHex(match[3]!);
  return { end: Number(match[1]), nanos: Number(match[2]), trace: ids.slice(0, 16), span: ids.slice(16) };
}

/** The place of an instant, in front of all that ended then. */
export const placeAt = (at: Millis): Place => ({
  end: Math.floor(at / 100),
  nanos: (((at % 100) + 100) % 100) * 1e6,
  trace: '',
  span: '',
});
