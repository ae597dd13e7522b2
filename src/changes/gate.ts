import type { ChangeConflict, ChangeRecord } from '../model/change.ts';
import { type Millis, timeText } from '../model/time.ts';
import { spanOf } from './conflicts.ts';

/** What is left of the budget of a promise of the service. */
export interface GuardedBudget {
  readonly objective: string;
  /** Share left, at most 1; null: it can't be known yet. */
  readonly remaining: number | null;
  /** The least that it may be, from the interval of the estimate; null where that can't be known. */
  readonly low: number | null;
  /** Why it can't be known. */
  readonly reason: string | null;
}

export interface GateFacts {
  readonly now: Millis;
  /** What the file of the service says of its changes. */
  readonly changes: 'record' | 'review' | 'gate';
  readonly conflicts: readonly ChangeConflict[];
  readonly budgets: readonly GuardedBudget[];
}

export interface GateCheck {
  readonly name: 'approved' | 'window' | 'conflict' | 'budget';
  /** Null: it can't be known. */
  readonly passed: boolean | null;
  readonly reason: string;
}

export interface GateAnswer {
  readonly decision: 'open' | 'closed' | 'unknown';
  readonly reason: string;
  readonly checks: readonly GateCheck[];
}

/** Whether a change may go out now. What can't be known keeps the gate shut, and is said to be that. */
export function gateOf(change: ChangeRecord, facts: GateFacts): GateAnswer {
  const checks = [approved(change), inWindow(change, facts), ...conflicts(facts), ...budgets(facts)];
  if (facts.changes !== 'gate')
    return {
      decision: 'open',
      reason: `${change.service} does not gate its changes: it says changes: ${facts.changes}`,
      checks,
    };
  const failed = checks.filter(({ passed }) => passed === false);
  const unknown = checks.filter(({ passed }) => passed === null);
  const said = (some: readonly GateCheck[]): string => some.map(({ reason }) => reason).join('; ');
  if (failed.length > 0) return { decision: 'closed', reason: said(failed), checks };
  if (unknown.length > 0) return { decision: 'unknown', reason: said(unknown), checks };
  return { decision: 'open', reason: said(checks), checks };
}

function approved({ state, kind, template, approvals, unapproved }: ChangeRecord): GateCheck {
  if (unapproved) return { name: 'approved', passed: false, reason: 'it was made, and nobody had approved it' };
  const passed = state === 'scheduled' || state === 'implement';
  const last = approvals.at(-1);
  if (!passed) return { name: 'approved', passed, reason: `it is ${state}, not approved` };
  const how =
    kind === 'standard'
      ? `by its template ${template}`
      : `by ${last?.by.name ?? last?.by.id}${last?.reference == null ? '' : ` as ${last.reference}`}`;
  return { name: 'approved', passed, reason: `approved ${how}` };
}

function inWindow(change: ChangeRecord, { now }: GateFacts): GateCheck {
  const { plannedStart, plannedEnd } = change;
  const { from, to } = spanOf(change, now);
  const early = plannedStart !== null && now < plannedStart;
  const late = plannedEnd !== null && now >= plannedEnd;
  if (early || late)
    return {
      name: 'window',
      passed: false,
      reason: `it is planned from ${timeText(from)} to ${timeText(to)}, and it is ${timeText(now)}`,
    };
  return {
    name: 'window',
    passed: true,
    reason: plannedStart === null ? 'it may go out at any time' : 'it is planned for now',
  };
}

const conflicts = ({ conflicts: found }: GateFacts): GateCheck[] =>
  found.length === 0
    ? [{ name: 'conflict', passed: true, reason: 'no conflict' }]
    : found.map(({ text }) => ({ name: 'conflict', passed: false, reason: text }));

function budgets({ budgets: guarded }: GateFacts): GateCheck[] {
  if (guarded.length === 0)
    return [{ name: 'budget', passed: true, reason: 'nothing is promised that could be spent' }];
  return guarded.map(({ objective, remaining, low, reason }): GateCheck => {
    if (remaining === null || low === null)
      return { name: 'budget', passed: null, reason: `what is left of ${objective} can't be known: ${reason}` };
    return { name: 'budget', passed: low > 0, reason: leftText(objective, remaining, low) };
  });
}

function leftText(objective: string, remaining: number, low: number): string {
  if (remaining < 0) return `the budget of ${objective} is overspent by ${percent(-remaining)}, up to ${percent(-low)}`;
  return low < 0
    ? `${percent(remaining)} of the budget of ${objective} is left, or it is overspent by up to ${percent(-low)}`
    : `${percent(remaining)} of the budget of ${objective} is left, ${percent(low)} at least`;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
