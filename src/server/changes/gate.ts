import { conflictsOf } from '../../changes/conflicts.ts';
import { type GateAnswer, type GuardedBudget, gateOf } from '../../changes/gate.ts';
import type { ChangeRecord } from '../../model/change.ts';
import { type Budgeted, hasBudget, isBudgeted, type Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import type { ApiContext } from '../api/context.ts';
import { conflictFactsOf, fileOfChange } from './facts.ts';

type GateContext = Pick<ApiContext, 'records' | 'catalog' | 'now' | 'judge'>;

/** Whether a change may go out now. */
export async function answerGate(
  { records, catalog, now, judge }: GateContext,
  change: ChangeRecord,
): Promise<GateAnswer> {
  const at = now();
  const facts = await conflictFactsOf(records, catalog.services, change, at);
  return gateOf(change, {
    now: at,
    changes: fileOfChange(catalog.services, change)?.changes ?? 'record',
    conflicts: conflictsOf(change, facts),
    budgets: judge.readings().flatMap(({ objective, reading }) => guarded(change, objective, reading)),
  });
}

/** Whether an objective is one that a change of a service and environment may break. */
export const isOfChange = (
  { service, environment }: Pick<ChangeRecord, 'service' | 'environment'>,
  objective: Pick<Objective, 'service' | 'environment'>,
): boolean =>
  objective.service === service && (environment === null || [null, '', environment].includes(objective.environment));

function guarded(change: ChangeRecord, objective: Objective, reading: Reading | null): GuardedBudget[] {
  if (!isOfChange(change, objective) || !isBudgeted(objective) || !hasBudget(objective)) return [];
  const unknown = (reason: string): GuardedBudget[] => [
    { objective: objective.name, remaining: null, low: null, reason },
  ];
  if (reading === null) return unknown('not judged yet');
  const { budget, estimate, verdict, reason, stale } = reading;
  if (stale) return unknown('nothing has been counted for an hour');
  if (budget === null || estimate.low === null || estimate.high === null)
    return unknown(reason ?? 'nothing was counted in the window');
  if (verdict === 'insufficient_evidence') return unknown(reason ?? 'too little was counted');
  return [
    { objective: objective.name, remaining: budget.remaining, low: lowest(objective, budget, estimate), reason: null },
  ];
}

/** The budget is spent by the share of bad ones: by as much more as the interval allows that share to be. */
function lowest(
  { q0, direction }: Budgeted,
  { consumed }: NonNullable<Reading['budget']>,
  { value, low, high }: Reading['estimate'],
): number {
  const [seen, bad] = direction === 'at_least' ? [1 - (value ?? 1), 1 - low!] : [value ?? 0, high!];
  return consumed === 0 || seen <= 0 ? 1 - bad / q0 : 1 - (consumed * bad) / seen;
}
