import { minutesToBaseline, TOLERANCES } from '../../objectives/drift-watch.ts';
import { isBudgeted, type Objective } from '../../objectives/objective.ts';
import type { WatchState } from '../../objectives/objective-watch.ts';
import { budgetShareOf, lengthText } from './detection.ts';
import { percentText, rateText, wrapped } from './words.ts';

/** Columns that a line may take. */
const WIDTH = 94;

/** An objective without an error budget: what decides about it. */
export interface WithoutBudget {
  readonly objective: string;
  readonly decides: 'drift' | null;
  /** Whose detectors open incidents, where it has none. */
  readonly incidentsBy: string | null;
  readonly guarantee: string | null;
  /** Of the deployment's budget of false incidents, (0, 1]; null where it takes nothing of it. */
  readonly budgetShare: number | null;
  /** Null: nothing was seen. */
  readonly eventsPerMinute: number | null;
  /** Up to this it is no drift; null where none is looked for. */
  readonly toleratedPsi: number | null;
  readonly baseline: 'complete' | 'being taken' | null;
}

export interface WithoutBudgetSettings {
  /** undefined: nothing was seen. */
  readonly eventsPerMinute: number | undefined;
  readonly state: WatchState | null;
  readonly falseIncidentsPer30Days: number;
}

/** Null: it has an error budget, and `detectionOf` says what it finds. */
export function withoutBudgetOf(objective: Objective, settings: WithoutBudgetSettings): WithoutBudget | null {
  if (isBudgeted(objective)) return null;
  const { name, drift, incidentsBy, guarantee } = objective;
  const { eventsPerMinute, state, falseIncidentsPer30Days } = settings;
  return {
    objective: name,
    decides: drift === undefined ? null : 'drift',
    incidentsBy,
    guarantee,
    budgetShare: drift === undefined ? null : budgetShareOf(drift.threshold, falseIncidentsPer30Days),
    eventsPerMinute: eventsPerMinute ?? null,
    toleratedPsi: drift === undefined ? null : drift.tolerance >= TOLERANCES.major ? 0.25 : 0.1,
    baseline: drift === undefined ? null : (state?.drift ?? null)?.frozen == null ? 'being taken' : 'complete',
  };
}

/** The same as lines for people. */
export function withoutBudgetText(one: WithoutBudget): string[] {
  if (one.decides === null) {
    const { incidentsBy } = one;
    const by = incidentsBy === null ? 'it opens no incidents' : `incidents are opened by ${incidentsBy}`;
    return wrapped(`Reported only: ${by}.`, WIDTH);
  }
  return [
    ...wrapped(baselineSentence(one), WIDTH),
    ...wrapped(
      `Decided by the drift detector: a movement up to a PSI of about ${one.toleratedPsi} is no drift. Nobody is woken by it.`,
      WIDTH,
    ),
    ...wrapped(
      `It takes ${percentText(one.budgetShare!)} of the budget of false incidents: ${one.guarantee}, once the baseline is there.`,
      WIDTH,
    ),
  ];
}

function baselineSentence({ baseline, eventsPerMinute }: WithoutBudget): string {
  const needs = 'Its baseline takes 7 days and 20,000 events';
  if (eventsPerMinute === null) return `${needs}: none were seen yet.`;
  const seen = `At ${rateText(eventsPerMinute)} events a minute (as seen in the last week)`;
  return baseline === 'complete'
    ? `${seen} they are compared with a baseline that is complete.`
    : `${needs}, or 28 days and 1,000. ${seen} that is about ${lengthText(minutesToBaseline(eventsPerMinute))}; nothing is found before.`;
}
