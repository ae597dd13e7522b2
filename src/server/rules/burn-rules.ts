import { durationText } from '../../model/duration-text.ts';
import { MINUTES_PER_DAY } from '../../model/time.ts';
import { type BurnTier, burnTiers, isUnreachable } from '../../objectives/burn-rate.ts';
import { type Budgeted, hasBudget } from '../../objectives/objective.ts';
import { BURN_WINDOWS } from '../../objectives/reading.ts';
import type { AlertingRule } from './rule.ts';

const RATE = 'plimsoll_objective_burn_rate';
const LOWER = 'plimsoll_objective_burn_rate_ci_lower';
/** A rate of exactly the threshold does not fire, however floating point rounds it: as where Plimsoll compares them itself. */
const SLACK = 1 + 1e-9;

export type Severity = 'page' | 'ticket';

export interface BurnRules {
  readonly rules: readonly Pick<AlertingRule, 'expr' | 'keep_firing_for'>[];
  readonly severities: readonly Severity[];
  /** Tiers that are not there, and why. */
  readonly leftOut: readonly string[];
}

/** Of which objectives there is a burn rate to look at. */
export const burns = (objective: Budgeted): boolean =>
  hasBudget(objective) && (objective.burn !== null || objective.sequential !== null);

/**
 * Rules of several windows and burn rates. Where Plimsoll judges an objective by such rules they are the same ones, on the same rate: both
 * fire in the same minute. Where the sequential test decides they are a second opinion, on the lower bound of the rate: of few events,
 * which the test weighs and a rate does not, the kindest reading has to burn too fast.
 */
export function burnRules(objective: Budgeted): BurnRules {
  const { q0, burn, window } = objective;
  const all = burn?.tiers ?? burnTiers(window.minutes / MINUTES_PER_DAY);
  const tiers = all.filter((tier) => !isUnreachable(tier, q0));
  const severities = (['page', 'ticket'] as const).filter((one) => tiers.some(({ severity }) => severity === one));
  return {
    severities,
    rules: severities.map((severity) => ({
      expr: either(
        objective,
        tiers.filter((tier) => tier.severity === severity),
      ),
      keep_firing_for: severity === 'page' ? '5m' : '15m',
    })),
    leftOut: all
      .filter((tier) => isUnreachable(tier, q0))
      .map(
        ({ longMinutes, shortMinutes, threshold }) =>
          `${windowName(longMinutes)} and ${windowName(shortMinutes)} above ${numberText(threshold)}: when everything fails the budget burns ${numberText(1 / q0)} times too fast`,
      ),
  };
}

/** Both tiers burning is one alert. */
const either = (objective: Budgeted, tiers: readonly BurnTier[]): string =>
  `max without (window) (\n  ${tiers.map((tier) => both(objective, tier)).join('\n  or\n  ')}\n)\n`;

function both(objective: Budgeted, { longMinutes, shortMinutes, threshold }: BurnTier): string {
  const over = (minutes: number): string =>
    `${rateOf(objective, minutes)} > ${Number((threshold * SLACK).toPrecision(12))}`;
  return `(${over(longMinutes)} and ignoring (window) ${over(shortMinutes)})`;
}

/** Every replica says it: one of them is enough. */
const rateOf = (objective: Budgeted, minutes: number): string =>
  `max by (service, environment, objective, window) (${objective.burn === null ? LOWER : RATE}{${selectorOf(objective)}, window="${windowName(minutes)}"})`;

/** @param of  an environment that no file names has no label */
export const selectorOf = ({
  service,
  environment,
  name,
}: Pick<Budgeted, 'service' | 'environment' | 'name'>): string =>
  [
    ['service', service],
    ['environment', environment ?? ''],
    ['objective', name],
  ]
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(', ');

/** As the metric names it. */
function windowName(minutes: number): string {
  const name = Object.entries(BURN_WINDOWS).find(([, length]) => length === minutes)?.[0];
  if (name === undefined) throw new RangeError(`no burn rate is published of ${durationText(minutes * 60_000)}`);
  return name;
}

const numberText = (value: number): string => String(Number(value.toPrecision(4)));
