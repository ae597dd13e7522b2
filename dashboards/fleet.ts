import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { clicked, console, onward } from './lib/links.ts';
import { COLOURS, thresholds, VERDICT_LOOKS } from './lib/look.ts';
import { bars, table } from './lib/panels.ts';
import { latest, ofPlimsoll, PER_OBJECTIVE, query, rows } from './lib/queries.ts';
import { age, NOT_RUNNING, openIncidents, verdictCounts, verdictTimeline } from './lib/verdicts.ts';

/** Over time, of a thousand services: so many are told apart in a timeline, and asked in time. */
const POINTS = 36;
const NAMED = '{{service}} {{objective}}';

/** Counted by Plimsoll itself: of a thousand services there are thousands of verdicts to add up. */
const verdictsOfAll = () => `max by (deployment, verdict) (${ofPlimsoll('plimsoll_fleet_objectives')})`;
const incidentsOfAll = () => `max by (deployment, severity) (${ofPlimsoll('plimsoll_fleet_incidents_open')})`;

/**
 * Only those that are in trouble as of now: of a thousand promises nobody sees the one that is broken. Those that are met have no series
 * here: joining the verdicts of all of them at every point would take a second.
 */
const trouble = () => {
  const now = `${ofPlimsoll('plimsoll_objective_not_met', 'verdict=~"at_risk|breached"')} @ end()`;
  const numbered = VERDICT_LOOKS.filter(({ verdict }) => verdict !== 'met').map(
    ({ verdict, number }) => `${ofPlimsoll('plimsoll_objective_not_met', `verdict="${verdict}"`)} * ${number}`,
  );
  return verdictTimeline({
    title: 'In trouble now, and since when',
    asks: 'Which promises are broken or at risk now, and how did they get there? Where nothing is drawn they were met.',
    nothing: 'no promise is broken or at risk now; when Objectives by verdict is empty, too, Plimsoll is not running',
  })
    .height(8)
    .maxDataPoints(POINTS)
    .dataLinks([clicked.service(), clicked.objective()])
    .withTarget(
      query(
        'A',
        `max by (service, objective) (${numbered.join(' or ')}) and on (service, objective) topk(20, max by (service, objective) (${now}))`,
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
    .height(10)
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
    asks: 'Whose budget is being spent fastest, at least so many times too fast, over the last hour?',
    nothing: 'no traffic in the last hour',
    unit: 'short',
  })
    .span(8)
    .height(10)
    .decimals(1)
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    // A column is 150 wide at least where nothing is said, and the number that matters would be out of sight.
    .overrideByName('service', [{ id: 'custom.width', value: 130 }])
    .overrideByName('environment', [{ id: 'custom.width', value: 90 }])
    .overrideByName('Value', [
      { id: 'displayName', value: 'times' },
      { id: 'custom.width', value: 70 },
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
    .height(10)
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
    .height(10)
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
        `topk(20, sum by (service) (max by (${PER_OBJECTIVE}) (${ofPlimsoll('plimsoll_objective_not_met', 'verdict="insufficient_evidence"')})))`,
      ),
    );

/** Of the last judged hour: the rates of every operation of every service are asked on the page of one service. */
const traffic = () =>
  bars({
    title: 'Busiest services',
    asks: 'Where is the traffic, in events of the last hour, and does anything come in at all?',
    nothing: 'nothing has come in: do the exporters send to port 4317 or 4318?',
    unit: 'short',
  })
    .span(12)
    .height(10)
    .decimals(0)
    .dataLinks([clicked.service()])
    .withTarget(
      latest(
        'A',
        `topk(10, max by (service) (${ofPlimsoll('plimsoll_measure_window_events', 'window="1h"')}))`,
        '{{service}}',
      ),
    );

/** The home page. */
export const fleet = (): DashboardBuilder =>
  frame({ uid: 'plimsoll-fleet', title: 'Fleet', asks: 'Who needs me now?', of: 'all' })
    .time({ from: 'now-3h', to: 'now' })
    .withRow(row('Promises, as known now'))
    .withPanel(verdictCounts(verdictsOfAll()).span(12).dataLinks([console.fleet()]))
    .withPanel(openIncidents(incidentsOfAll()).dataLinks([clicked.incidents(), console.incidents()]))
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(trouble())
    .withPanel(leastBudget())
    .withPanel(fastestBurn())
    .withPanel(closest())
    .withPanel(blind())
    .withPanel(traffic());
