import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

extendZodWithOpenApi(z);

export const time = z.string().openapi({ format: 'date-time', example: '2026-11-01T10:00:00.000Z' });
export const share = z.number().min(0).max(1);
export const hex = (digits: number, example: string) =>
  z.string().openapi({ pattern: `^[0-9a-f]{${digits}}$`, example });
export const traceId = hex(32, '86790ead0ad5d65d003573191735903b');
export const spanId = hex(16, 'c8d2a826f5abf39c');
export const textOrNull = z.string().nullable();
export const numberOrNull = z.number().nullable();
/** Of a schema with a name: as a union, because the generator writes `nullable()` of one as something that null never is. */
export const orNull = <T extends z.ZodType>(schema: T) => z.union([schema, z.null()]);
/** Who did something. */
export const actor = z.object({ kind: z.string(), id: z.string(), name: z.string().optional() });

export const paging = {
  limit: z.int().min(1).max(1000).optional(),
  cursor: z.string().optional().openapi({ description: '`nextCursor` of the page before.' }),
};
export const range = { from: time.optional(), to: time.optional() };
export const environment = z.string().optional();

export type Route = {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Its body is what a tool outside sends. */
  readonly callback?: true;
  /** `application/json` when absent. */
  readonly mediaType?: string;
  readonly conflict?: boolean;
};

export const list = (key: string, item: z.ZodType) =>
  z.object({ [key]: z.array(item), nextCursor: z.string().optional() });
export const byName = z.object({ name: z.string() });
export const byId = z.object({ id: z.string() });
