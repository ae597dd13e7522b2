import type { CloseCode, HoldReason, Priority, Weight } from './incident.ts';
import type { Millis } from './time.ts';

/**
 * What was done in a tool outside, in our words. `remark` is what the tool itself has to say; all the others are what somebody
 * did, but for `unacknowledge`, which most tools do by themselves when nothing happened for too long.
 */
export type Act =
  | { readonly type: 'acknowledge' | 'unacknowledge' | 'resume' | 'reopen' | 'delete' }
  | { readonly type: 'assign'; readonly to: string }
  | { readonly type: 'hold'; readonly reason: HoldReason }
  | { readonly type: 'note' | 'remark'; readonly text: string }
  | ({ readonly type: 'prioritize' } & Reprioritized)
  | { readonly type: 'resolve'; readonly code: CloseCode; readonly notes: string | null }
  /** All that silence it there now; none: it is not silenced any more. Ids are unique over all tools. */
  | { readonly type: 'silence'; readonly silences: readonly SilencedThere[] }
  /** Of a ticket that was put into another one. */
  | { readonly type: 'merge'; readonly into: string };

export interface SilencedThere {
  readonly id: string;
  readonly by: string;
  readonly comment: string;
  readonly until: Millis;
}

export interface Reprioritized {
  readonly impact?: Weight;
  readonly urgency?: Weight;
  readonly priority?: Priority;
}
