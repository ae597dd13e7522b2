import type { LimitName } from '../../src/model/config/limits.ts';

/** Why a single item can't be kept, though its request is sound. */
export type RejectReason =
  | 'trace id'
  | 'span id'
  | 'parent span id'
  | 'no time'
  | 'in the future'
  | 'too old'
  | 'too long'
  | 'too deep'
  | 'too many'
  | 'unreadable'
  | 'temporality'
  | 'other service'
  | EvaluationFault;

/** What is wrong with an evaluation alone. */
export type EvaluationFault = 'evaluation name' | 'score' | 'long name' | 'no target';

/** The limits behind reasons. */
export const LIMIT_OF: Partial<Readonly<Record<RejectReason, LimitName>>> = {
  'too deep': 'valueDepth',
  'too many': 'spansPerRequest',
};

export interface Rejected {
  readonly reason: RejectReason;
  readonly count: number;
  /** One of them, with the values that speak against it. */
  readonly example: string;
}

/** Counts what was refused, with one example for each reason. */
export class Rejects {
  readonly #found = new Map<RejectReason, { count: number; example: string }>();

  /** @param example  made only for the first of its reason */
  add(reason: RejectReason, example: () => string): void {
    const known = this.#found.get(reason);
    if (known === undefined) this.#found.set(reason, { count: 1, example: example() });
    else known.count++;
  }

  get list(): Rejected[] {
    return [...this.#found].map(([reason, { count, example }]) => ({ reason, count, example }));
  }
}
