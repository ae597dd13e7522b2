import type { Actor } from './incident.ts';
import type { Millis } from './time.ts';

/** What of a service's record may be said over the API, by the names that its file has for it. How telemetry is read and judged is for files alone. */
export const RECORD_FIELDS = [
  'displayName',
  'description',
  'intendedPurpose',
  'lifecycle',
  'owner',
  'supportGroup',
  'managedByGroup',
  'changeGroup',
  'oversight',
  'tier',
  'criticality',
  'euAiAct',
  'evidence',
  'models',
  'prompts',
  'tools',
  'vectorStores',
  'agents',
  'guardrails',
  'dependsOn',
  'personalData',
  'specialCategories',
  'erasurePolicy',
  'externalRefs',
  'confirmEvery',
] as const;
export type RecordField = (typeof RECORD_FIELDS)[number];

/** What detectors, retention and the check of objectives rest on: of a service that has a file, the file alone says it. */
export const JUDGED_FIELDS: readonly RecordField[] = ['criticality', 'euAiAct', 'evidence'];

export interface RecordEntry {
  readonly at: Millis;
  readonly by: Actor;
  readonly event: 'changed' | 'confirmed';
  /** What was said otherwise. */
  readonly fields: readonly RecordField[];
  readonly reason: string | null;
}

/** What was said of a service over the API. */
export interface ServiceRecord {
  readonly service: string;
  /** '': as of a file without one. */
  readonly environment: string;
  /** As a file would have it. */
  readonly fields: Readonly<Partial<Record<RecordField, unknown>>>;
  /** Who has last found the record right, and on which day (UTC). */
  readonly confirmed: { readonly by: string; readonly at: string } | null;
  /** From 1; one more with each step. */
  readonly revision: number;
  /** The last ones, oldest first. */
  readonly history: readonly RecordEntry[];
}
