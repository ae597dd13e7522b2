import { isBudgeted, type Objective } from '../../objectives/objective.ts';
import { burnRules, burns, type Severity, selectorOf } from './burn-rules.ts';
import type { AlertingRule, Rule, RuleGroup } from './rule.ts';
import { SELF_RULES, WATCHDOG } from './self-rules.ts';

export interface RuleOptions {
  readonly objectives: readonly Objective[];
  /** Sinks through which Plimsoll wakes people itself. */
  readonly pagers: readonly string[];
  /** Also what Plimsoll pages on itself, with a label that says so. */
  readonly all: boolean;
  /** Where people reach the console; null where nobody says. */
  readonly consoleUrl: string | null;
}

/** Replicas say the same: merged once, so that alerts and dashboards of one's own agree. */
const RECORDED: readonly Rule[] = [
  {
    record: 'service_environment_objective_verdict:plimsoll_objective_verdict:max',
    expr: 'max by (service, environment, objective, verdict) (plimsoll_objective_verdict)',
  },
  {
    record: 'service_environment_objective_window:plimsoll_objective_burn_rate:max',
    expr: 'max by (service, environment, objective, window) (plimsoll_objective_burn_rate)',
  },
  {
    record: 'service_environment_objective_window:plimsoll_objective_burn_rate_ci_lower:max',
    expr: 'max by (service, environment, objective, window) (plimsoll_objective_burn_rate_ci_lower)',
  },
  {
    record: 'service_environment_outcome:plimsoll_interactions:rate5m',
    expr: 'sum by (service, environment, outcome) (rate(plimsoll_interactions_total[5m]))',
  },
];

/** Of objectives without any detector nothing follows: those that they are made of have theirs. */
const opensIncidents = ({ judgedBy }: Objective): boolean => judgedBy !== 'report';

/** Rules for Prometheus: of each objective what its burn rates and its verdict say, and of Plimsoll itself whether it lives. */
export function rulesOf(options: RuleOptions): RuleGroup[] {
  const { objectives, pagers, all } = options;
  const rules: Rule[] = [];
  const comments: string[] = [];
  for (const objective of objectives.filter(opensIncidents)) {
    const told = pagers.length > 0;
    if (told && !all) {
      comments.push(`${objective.name}: left out, Plimsoll pages on it itself (${pagers.join(', ')})`);
      continue;
    }
    if (isBudgeted(objective) && burns(objective)) {
      const found = burnRules(objective);
      for (const [i, rule] of found.rules.entries())
        rules.push(burnAlert(objective, found.severities[i]!, rule, told, options));
      comments.push(...found.leftOut.map((tier) => `${objective.name}: can never fire, left out: ${tier}`));
    }
    rules.push(breachAlert(objective, told, options));
  }
  return [
    { name: 'plimsoll-recording', comments: [], interval: '30s', rules: RECORDED },
    ...(rules.length + comments.length > 0 ? [{ name: 'plimsoll-objectives', comments, interval: '30s', rules }] : []),
    {
      name: 'plimsoll-evidence',
      comments: [],
      rules: [
        {
          alert: 'PlimsollObjectiveBlind',
          expr: 'max by (service, environment, objective) (plimsoll_objective_verdict{verdict="insufficient_evidence"}) == 1',
          for: '7d',
          labels: { severity: 'info' },
          annotations: {
            summary: '{{ $labels.objective }} of {{ $labels.service }} could not be judged for a week.',
            description: 'Too few events, labels or scores come in: whether the promise is kept nobody knows.',
          },
        },
      ],
    },
    { name: 'plimsoll-self', comments: [], rules: [...SELF_RULES, WATCHDOG] },
  ];
}

const burnAlert = (
  objective: Objective,
  severity: Severity,
  { expr, keep_firing_for }: Pick<AlertingRule, 'expr' | 'keep_firing_for'>,
  told: boolean,
  options: RuleOptions,
): AlertingRule => ({
  alert: 'PlimsollBudgetBurn',
  expr,
  ...(keep_firing_for !== undefined && { keep_firing_for }),
  labels: labelsOf(objective, severity, told),
  annotations: {
    summary: `${objective.name} of ${objective.service}: the error budget is being spent {{ $value | humanize }} times too fast${objective.burn === null ? ', at least' : ''}.`,
    ...placesOf(objective, options),
  },
});

/** What the detectors of Plimsoll have decided: not decided again. */
const breachAlert = (objective: Objective, told: boolean, options: RuleOptions): AlertingRule => ({
  alert: 'PlimsollObjectiveBreached',
  expr: `max by (service, environment, objective) (plimsoll_objective_verdict{${selectorOf(objective)}, verdict="breached"}) == 1`,
  labels: labelsOf(objective, 'ticket', told),
  annotations: {
    summary: `${objective.name} of ${objective.service} is being broken.`,
    ...placesOf(objective, options),
  },
});

const labelsOf = ({ service, name }: Objective, severity: Severity, told: boolean): Record<string, string> => ({
  severity,
  service,
  objective: name,
  ...(told && { plimsoll_pages: 'yes' }),
});

function placesOf({ name, service }: Objective, { consoleUrl }: RuleOptions): Record<string, string> {
  const [objective, of] = [name, service].map(encodeURIComponent);
  return {
    dashboard: `/d/plimsoll-objective?var-service=${of}&var-objective=${objective}`,
    ...(consoleUrl !== null && { console: `${consoleUrl}/objectives/${objective}` }),
  };
}
