import type { PlanData } from '../catalog/plan-book.ts';
import type { NewEntry } from '../compliance/audit/entry.ts';
import type { CallPoint } from '../model/call-metrics.ts';
import type { Code } from '../model/dictionary.ts';
import type { NewRating } from './rating.ts';

/** A row to be written as it stands: what records outside of the ingest path are made of. */
export interface SqlText {
  readonly sql: string;
  readonly parameters: readonly (string | number | null | Uint8Array)[];
  /** How many rows it has to change, or to find; with any other number its item fails, with these words. */
  readonly expect?: { readonly rows: number; readonly otherwise: string };
}

/** What is done for an item: rows are written, or an entry of the audit log is appended, which has its place from the writer. */
export type Statement = SqlText | { readonly audit: NewEntry };

/** What the writer is asked to do, in order; everything of one group is one transaction. */
export type WriteItem =
  /** New entries of the dictionary: before whatever uses them. */
  | { readonly type: 'dictionary'; readonly first: Code; readonly texts: readonly string[] }
  /** How services are counted from now on: before the first span of each. */
  | { readonly type: 'plans'; readonly plans: readonly PlanData[] }
  | { readonly type: 'spans'; readonly records: ArrayBuffer }
  | { readonly type: 'ratings'; readonly ratings: readonly NewRating[] }
  | { readonly type: 'calls'; readonly points: readonly CallPoint<Code>[] }
  /** All of them or none; a failure is answered to this item alone. */
  | { readonly type: 'statements'; readonly statements: readonly Statement[] };

export type WriteResult =
  | { readonly type: 'done' }
  | { readonly type: 'spans'; readonly stored: number; readonly duplicates: number }
  | { readonly type: 'ratings'; readonly outcomes: readonly RatingOutcome[] }
  | { readonly type: 'calls'; readonly stored: number; readonly duplicates: number }
  | { readonly type: 'statements'; readonly changes: readonly number[] }
  | { readonly type: 'failed'; readonly message: string };

/** `pending`: stored, and joined when its interaction comes. */
export type RatingOutcome = 'accepted' | 'duplicate' | 'pending';
