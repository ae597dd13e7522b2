import type { PlanData } from '../catalog/plan-book.ts';
import type { Millis } from '../model/time.ts';
import type { Arrivals } from './arrivals.ts';
import type { WriteItem, WriteResult } from './items.ts';
import type { LedgerStatus, Retention } from './store-ledger.ts';

/** Where a store is, with what is needed to open it. */
export type StoreAddress =
  | { readonly type: 'sqlite'; readonly file: string }
  | { readonly type: 'postgres'; readonly url: string; readonly password: string | null };

export interface WriterOptions {
  readonly store: StoreAddress;
  readonly retention: Retention;
}

/** What the writer's thread is told. Messages are done in order; `now` is the clock of the sender. */
export type ToWriter =
  | {
      readonly type: 'write';
      readonly id: number;
      readonly rows: number;
      readonly now: Millis;
      readonly item: WriteItem;
    }
  /** Once, before the first write: the plans of all known resources, so that unsettled minutes can be folded again. */
  | { readonly type: 'recover'; readonly id: number; readonly now: Millis; readonly plans: readonly PlanData[] }
  /** Answers the ledger's status. `isLast`: nothing is done behind it, the store stays as it is when it is answered. */
  | { readonly type: 'settle'; readonly id: number; readonly now: Millis; readonly isLast: boolean }
  /** Folds at most so many minutes again of those that a change of plans left behind; answers how many are left. */
  | { readonly type: 'refold'; readonly id: number; readonly now: Millis; readonly minutes: number }
  /** Another configuration: how long is kept what, and, where it differs, how all known resources are counted from now on. */
  | {
      readonly type: 'reconfigure';
      readonly id: number;
      readonly now: Millis;
      readonly retention: Retention;
      readonly plans: readonly PlanData[] | null;
    }
  /** Where a trace may be: answers parts. */
  | { readonly type: 'find'; readonly id: number; readonly trace: string }
  /** The answer to `behind`: what there was to be told has been. */
  | { readonly type: 'learned'; readonly id: number }
  | { readonly type: 'close'; readonly id: number; readonly now: Millis };

export type FromWriter =
  /** `log`: the file that is to be synced before anything is told of what was written; null: it is durable when this thread says so. */
  | { readonly type: 'opened'; readonly texts: readonly string[]; readonly log: string | null }
  /** Other writers have given names: they are to be told, with the plans that follow from them. */
  | { readonly type: 'behind' }
  | {
      readonly type: 'committed';
      readonly answers: readonly { readonly id: number; readonly result: WriteResult }[];
      readonly status: LedgerStatus;
      /** What came in with it; null when that is nothing. */
      readonly arrivals: Arrivals | null;
      /** From the first statement until it was written. */
      readonly durationMs: number;
    }
  /** The transaction failed: nothing of these was stored. */
  | { readonly type: 'refused'; readonly ids: readonly number[]; readonly detail: string; readonly durationMs: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly error: string };
