import type { ChangeConflict, ChangeRecord } from '../model/change.ts';
import { HOUR_MS, type Millis, timeText } from '../model/time.ts';

/** From inclusive, to exclusive. */
export interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** How services hang together, and when they may change. */
export interface ConflictFacts {
  readonly now: Millis;
  /** Changes that are scheduled or under way, also of other services. */
  readonly others: readonly ChangeRecord[];
  /** Names of the services that this one depends on, and of those that depend on it. */
  readonly upstream: ReadonlySet<string>;
  readonly downstream: ReadonlySet<string>;
  /** The end of the freeze or the maintenance at a moment; null: there is none. */
  readonly freezeEnd: (at: Millis) => Millis | null;
  readonly maintenanceEnd: (at: Millis) => Millis | null;
  /** Whether the service has times at which it is worked on at all. */
  readonly hasMaintenance: boolean;
}

/** A change of which nobody says how long it takes. */
const USUAL_MS = HOUR_MS;
/** Freezes inside a change are looked for in such steps: none of them is shorter than a minute and most last for days. */
const STEP_MS: Millis = 15 * 60_000;
const STEPS_MAX = 3000;

/** When a change takes place: as planned, from when it began, or from now on. */
export function spanOf({ plannedStart, plannedEnd, startedAt, state }: ChangeRecord, now: Millis): Span {
  const from = startedAt ?? plannedStart ?? now;
  const to = Math.max(plannedEnd ?? from + USUAL_MS, from + 1);
  return { from, to: state === 'implement' ? Math.max(to, now + 1) : to };
}

const overlap = (one: Span, other: Span): boolean => one.from < other.to && other.from < one.to;

const sameEnvironment = (one: ChangeRecord, other: ChangeRecord): boolean =>
  one.environment === null || other.environment === null || one.environment === other.environment;

/** What speaks against the time of a change. A change that depends on when it is done is asked again when it begins. */
export function conflictsOf(change: ChangeRecord, facts: ConflictFacts): ChangeConflict[] {
  const span = spanOf(change, facts.now);
  const found: ChangeConflict[] = [];
  for (const other of facts.others) {
    if (other.id === change.id || !sameEnvironment(change, other)) continue;
    const theirs = spanOf(other, facts.now);
    if (!overlap(span, theirs)) continue;
    const kind = relationOf(change, other, facts);
    if (kind === null) continue;
    const when = `from ${timeText(theirs.from)} to ${timeText(theirs.to)}`;
    found.push({ kind, change: other.id, text: `${WORDS[kind]} ${other.service} changes ${when}: ${other.id}` });
  }
  const frozen = firstWithin(span, (at) => facts.freezeEnd(at) !== null);
  if (frozen !== null && change.kind !== 'emergency')
    found.push({
      kind: 'freeze',
      change: null,
      text: `nothing changes from ${timeText(frozen)} until ${timeText(facts.freezeEnd(frozen)!)}`,
    });
  if (facts.hasMaintenance && change.kind !== 'emergency') {
    const outside = firstWithin(span, (at) => facts.maintenanceEnd(at) === null);
    if (outside !== null)
      found.push({ kind: 'outside_maintenance', change: null, text: `${timeText(outside)} is no time of maintenance` });
  }
  return found;
}

const WORDS = {
  same_service: 'the same service',
  upstream: 'what it depends on,',
  downstream: 'what depends on it,',
} as const;

function relationOf(
  { service }: ChangeRecord,
  other: ChangeRecord,
  { upstream, downstream }: ConflictFacts,
): keyof typeof WORDS | null {
  if (other.service === service) return 'same_service';
  if (upstream.has(other.service)) return 'upstream';
  return downstream.has(other.service) ? 'downstream' : null;
}

/** The first moment of those looked at for which something holds: the begin, each quarter of an hour, the end. */
function firstWithin({ from, to }: Span, holds: (at: Millis) => boolean): Millis | null {
  for (let i = 0, at = from; at < to && i < STEPS_MAX; i++, at += STEP_MS) if (holds(at)) return at;
  return holds(to - 1) ? to - 1 : null;
}
