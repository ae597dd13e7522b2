import type { PlanData } from '../catalog/plan-book.ts';
import type { TraceId } from '../model/ids.ts';
import type { Millis } from '../model/time.ts';
import type { Arrivals } from './arrivals.ts';
import type { WriteItem, WriteResult } from './items.ts';
import type { UnjoinedRatings } from './rating.ts';
import type { PartId } from './sqlite/parts.ts';

/** How long rows and tallies are kept, ms. */
export interface Retention {
  readonly interactionsMs: Millis;
  readonly minutesMs: Millis;
  readonly hoursMs: Millis;
  /** Absent: for good. */
  readonly daysMs?: Millis;
}

/** What the writer can be asked about itself. */
export interface LedgerStatus {
  readonly rowsSinceSettlement: number;
  readonly ratings: UnjoinedRatings;
  /** Parts of traces that hold spans of no AI dialect. */
  readonly linkParts: number;
  readonly linkPartsDropped: number;
  /** Batches of traces that had become too long to be judged as a whole. */
  readonly longTraces: number;
  readonly pointersForgotten: number;
}

/** What a writer's thread asks of the engine behind it. */
export interface StoreLedger {
  /** The dictionary as stored: what codes are given on from. */
  readonly texts: string[];
  readonly status: LedgerStatus;
  /** How resources are counted from now on. */
  setPlans(plans: readonly PlanData[]): void;
  /** Makes memory what the store says, and counts what a process that ended has left behind. Plans must be known. */
  recover(now: Millis): { minutesFolded: number };
  /**
   * One group, one transaction, durable when it returns. Results are in the order of the items.
   * @throws what the database throws: then nothing of the group is stored
   */
  commit(items: readonly WriteItem[], now: Millis): WriteResult[];
  /** What came in with the commits since the last time; null when that is nothing. */
  takeArrivals(): Arrivals | null;
  /**
   * Another configuration while everything goes on: resources are counted by these plans, as after a start with them.
   * @param plans  of all known resources; null: none differs
   */
  reconfigure(retention: Retention, plans: readonly PlanData[] | null, now: Millis): void;
  /** What was committed shows in the tallies when it returns. */
  settle(now: Millis): void;
  /** Begins the same, to be done piece by piece. */
  beginSettlement(now: Millis): void;
  /** @returns whether there is more */
  settleSome(now: Millis): boolean;
  /** What must not be left behind when the process ends in order. */
  settlePointers(now: Millis): void;
  /** What can wait, piece by piece, each a transaction of its own. */
  upkeep(now: Millis): Generator<undefined>;
  /** Folds at most so many minutes again of those that a change of plans has left behind. @returns how many are left */
  refold(minutes: number, now: Millis): number;
  /** The parts in which a trace may be, however old. */
  places(traceId: TraceId): PartId[];
}
