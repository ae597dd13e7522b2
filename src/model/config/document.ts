import { z } from 'zod';
import { label, maybe, text } from './fields.ts';

export const API_VERSION = 'plimsoll/v1';
export const KINDS = ['Deployment', 'Service', 'Objective'] as const;
/** What one document of a configuration file describes. */
export type DocumentKind = (typeof KINDS)[number];

const MAP = 'expected a map of keys and values';

/** A map in which an unknown key is an error. */
export const map = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: mapError });

/** Unknown keys are described where the known ones can be named. */
const mapError = (issue: { code?: string }): string | undefined => (issue.code === 'invalid_type' ? MAP : undefined);

/** Texts by name, `what` being the names. */
export const record = <T extends z.ZodType>(value: T) => z.record(text, value, { error: MAP });

/** The frame that all documents share. */
export const frame = <K extends DocumentKind>(kind: K) => ({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal(kind),
});

export const metadata = map({ name: label, displayName: maybe(text) });
