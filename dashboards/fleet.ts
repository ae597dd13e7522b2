import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { clicked, console, onward } from './lib/links.ts';
import { COLOURS, thresholds } from './lib/look.ts';
import { bars, lines, table } from './lib/panels.ts';
import { latest, ofPlimsoll, query, rate, rows } from './lib/queries.ts';
import { age, NOT_RUNNING, openIncidents, verdictCounts, verdictNumber, verdictTimeline } from './lib/verdicts.ts';

const PER_OBJECTIVE = 'service, environment, objective';
const NAMED = '{{service}} {{objective}}';

/** Only those that are in trouble as of now: of a thousand promises nobody sees the one that is broken. */
const trouble = () => {
  const now = `${ofPlimsoll('plimsoll_objective_verdict', 'verdict=~"at_risk|breached"')} @ end()`;
  return verdictTimeline({
    title: 'In trouble now, and since when',
    asks: 'Which promises are broken or at risk now, and how did they get there?',
    nothing: 'no promise is broken or at risk now; when Objectives by verdict is empty, too, Plimsoll is not running',
  })
    .height(8)
    .dataLinks([clicked.service(), clicked.objective()])
    .withTarget(
      query(
        'A',
        `${verdictNumber(ofPlimsoll, 'service, objective')} and on (service, objective) topk(20, max by (service, objective) (${now}) == 1)`,
        NAMED,
      ),
    );
};

const leastBudget = () =>
  bars({
    title: 'Least error budget left',
    asks: 'Which promises have the least left that may still go wrong, at the lower bound of what is known?',
    nothing: `not decidable: nothing was counted, or ${NOT_RUNNING}`,
    unit: 'percentunit',
  })
    .decimals(1)
    .max(1)
    .thresholds(thresholds([null, COLOURS.breached], [0, COLOURS.atRisk], [0.25, COLOURS.met]))
    .dataLinks([clicked.objective()])
    .withTarget(
      latest(
        'A',
        `bottomk(10, max by (${PER_OBJECTIVE}) (${ofPlimsoll('plimsoll_objective_error_budget_remaining_ci_lower_ratio')}))`,
        NAMED,
      ),
    );

const fastestBurn = () =>
  table({
    title: 'Fastest certain burn',
    asks: 'Whose budget is being spent fastest, at least, over the last hour?',
    nothing: 'no traffic in the last hour',
    unit: 'short',
  })
    .span(8)
    .decimals(1)
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    .overrideByName('Value', [
      { id: 'displayName', value: 'times too fast' },
      { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    ])
    .thresholds(thresholds([null, COLOURS.nothing], [6, COLOURS.atRisk], [14.4, COLOURS.breached]))
    .dataLinks([clicked.rowObjective()])
    .withTarget(
      rows(
        'A',
        `topk(10, max by (${PER_OBJECTIVE}) (${ofPlimsoll('plimsoll_objective_burn_rate_ci_lower', 'window="1h"')}))`,
      ),
    );

const closest = () =>
  bars({
    title: 'Closest to an alarm',
    asks: 'Where has the evidence for a breach come furthest? At 100 % it is an alarm.',
    nothing: 'no objective is judged by running evidence, or nothing was counted',
    unit: 'percentunit',
  })
    .min(0)
    .max(1)
    .decimals(0)
    .thresholds(thresholds([null, COLOURS.nothing], [0.7, COLOURS.atRisk], [1, COLOURS.breached]))
    .dataLinks([clicked.objective()])
    .withTarget(
      latest('A', `topk(10, max by (${PER_OBJECTIVE}) (${ofPlimsoll('plimsoll_objective_evidence_ratio')}))`, NAMED),
    );

const blind = () =>
  table({
    title: 'What can we not judge?',
    asks: 'Of which services are promises not decidable, and how many?',
    nothing: 'every promise is decidable; when Objectives by verdict is empty, too, Plimsoll is not running',
    unit: 'none',
  })
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    .overrideByName('Value', [
      { id: 'displayName', value: 'not decidable' },
      { id: 'color', value: { mode: 'fixed', fixedColor: COLOURS.notDecidable } },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ])
    .dataLinks([clicked.rowQuality(), clicked.rowService()])
    .withTarget(
      rows(
        'A',
        `topk(20, sum by (service) (max by (${PER_OBJECTIVE}) (${ofPlimsoll('plimsoll_objective_verdict', 'verdict="insufficient_evidence"')})) > 0)`,
      ),
    );

const traffic = () =>
  lines({
    title: 'Busiest services',
    asks: 'Where is the traffic, and did it stop?',
    nothing: 'nothing has come in: do the exporters send to port 4317 or 4318?',
    unit: 'reqps',
  })
    .min(0)
    .dataLinks([clicked.service()])
    .withTarget(
      query('A', `topk(10, sum by (service) (${rate(ofPlimsoll('plimsoll_interactions_total'))}))`, '{{service}}'),
    );

/** The home page. */
export const fleet = (): DashboardBuilder =>
  frame({ uid: 'plimsoll-fleet', title: 'Fleet', asks: 'Who needs me now?', of: 'all' })
    .withRow(row('Promises, as known now'))
    .withPanel(verdictCounts(ofPlimsoll).span(12).dataLinks([console.fleet()]))
    .withPanel(openIncidents(ofPlimsoll).dataLinks([clicked.incidents(), console.incidents()]))
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(trouble())
    .withPanel(leastBudget())
    .withPanel(fastestBurn())
    .withPanel(closest())
    .withPanel(blind())
    .withRow(row('Live: by the time of arrival'))
    .withPanel(traffic());
