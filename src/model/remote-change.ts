import type { ChangeState, VersionRef } from './change.ts';
import type { CHANGE_TYPES } from './signals.ts';
import type { Millis } from './time.ts';

/**
 * How far a deployment is: it was ordered and has not begun; it has begun; what it brings is out; it failed, and what it would have
 * brought is not.
 */
export const PHASES = ['ordered', 'begun', 'implemented', 'failed'] as const;
export type Phase = (typeof PHASES)[number];

/** A deployment as a tool tells of it: plain JSON. */
export interface Deployed {
  /** The tool's id of the deployment, unique within its destination. */
  readonly deployment: string;
  readonly service: string;
  readonly environment: string | null;
  readonly type: (typeof CHANGE_TYPES)[number];
  /** The id of a change that was asked for, where the deployment names one. */
  readonly change: string | null;
  readonly before: VersionRef | null;
  readonly after: VersionRef;
  readonly description: string | null;
  /** Where what the new version changes is shown, when it is known what it replaces: `{before}` stands for that. */
  readonly compare: string;
  /** Where the new version is shown. */
  readonly link: string;
  readonly phase: Phase;
  /** Larger, the later it was said. */
  readonly order: number;
  readonly at: Millis;
}

/** Somebody who has approved or rejected a change in another tool. */
export interface DecidedThere {
  readonly by: { readonly id: string; readonly name: string | null } | null;
  readonly at: Millis | null;
  readonly isApproved: boolean;
  readonly comment: string | null;
}

/** How a change stands in the tool that it is approved in: plain JSON. */
export interface ChangeStanding {
  /** What people call it there, `CHG0030412`. */
  readonly reference: string;
  readonly approval: 'approved' | 'rejected' | 'pending';
  /** Null: it is none of ours. */
  readonly state: ChangeState | null;
  /** Empty also where they can't be seen. */
  readonly decided: readonly DecidedThere[];
  readonly at: Millis | null;
  /** When it is planned there, to is exclusive; null: open on that side; left out: nothing is planned, or the tool does not say. */
  readonly window?: { readonly from: Millis | null; readonly to: Millis | null };
  /** Larger, the later it stood so; left out: the tool does not say. */
  readonly order?: number;
}
