import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, ofTally } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, coloured, thresholds } from './lib/look.ts';
import { budgetBand, burn, evidence, OF_OBJECTIVE } from './lib/objectives.ts';
import { columns, dashedLines, lines, numbers } from './lib/panels.ts';
import { latest, ofService, query } from './lib/queries.ts';
import { choice, objectivesOf, oneService } from './lib/variables.ts';
import { age, NOT_RUNNING, verdictNumber, verdictWord } from './lib/verdicts.ts';

const verdict = () =>
  verdictWord(
    {
      title: 'Verdict',
      asks: 'Is the promise being broken now?',
      nothing: `no verdict: ${NOT_RUNNING}`,
    },
    'text',
  )
    .span(5)
    .dataLinks([console.objective()])
    .withTarget(latest('A', verdictNumber(ofService, 'objective', OF_OBJECTIVE), '{{objective}}'));

/** Thresholds of a 30-day window; others are in proportion, and the rules that are exported have them exactly. */
const wouldPage = () =>
  lines({
    title: 'Would it page?',
    asks: 'Is the budget certainly being spent so fast that people are woken, by the two fast rules? From 1 on it is.',
    nothing: 'no traffic in these windows',
    unit: 'short',
  })
    .span(12)
    .min(0)
    .thresholds(thresholds([null, COLOURS.nothing], [1, COLOURS.breached]))
    .thresholdsStyle(dashedLines())
    .dataLinks([console.objective()])
    .withTarget(query('A', share('5m', '1h', 0.02 * 24), '1 h and 5 min'))
    .withTarget(query('B', share('30m', '6h', (0.05 * 24) / 6), '6 h and 30 min'))
    .overrideByName('6 h and 30 min', coloured(COLOURS.otherLine));

/** How far the slower of two windows is on its way to the rate that spends so much of the budget. @param perDay  threshold for each day of the window */
const share = (short: string, long: string, perDay: number): string =>
  `min(max by (window) (${ofService('plimsoll_objective_burn_rate_ci_lower', OF_OBJECTIVE, `window=~"${short}|${long}"`)})) / (${perDay} * max(${ofService('plimsoll_objective_window_seconds', OF_OBJECTIVE)}) / 86400)`;

const spentIn = () =>
  numbers({
    title: 'Budget spent in',
    asks: 'When is the budget spent, if the last six hours go on?',
    nothing: 'it is not spent within a window',
    unit: 'dtdurations',
  })
    .span(5)
    .thresholds(thresholds([null, COLOURS.breached], [86_400, COLOURS.atRisk], [604_800, COLOURS.nothing]))
    .dataLinks([console.objective()])
    .withTarget(
      latest('A', `min(${ofService('plimsoll_objective_budget_exhaustion_seconds', OF_OBJECTIVE)})`, 'from now'),
    );

const detectable = () =>
  numbers({
    title: 'Smallest burn seen within a day',
    asks: 'How fast must the budget be spent, for the evidence of one day to show it?',
    nothing: 'not by running evidence, or too little traffic to see anything in a day',
    unit: 'short',
  })
    .span(5)
    .decimals(1)
    .dataLinks([onward.quality()])
    .withTarget(
      latest('A', `max(${ofService('plimsoll_objective_detectable_burn_rate', OF_OBJECTIVE)})`, 'detectable'),
    );

const BAD = 'sum("valid") - sum("good") AS "bad"';
const NO_HISTORY = 'nothing in the history: is spec.history set, and is the measure a share of good events?';

const badEvents = () =>
  numbers({
    title: 'Bad events in the time shown',
    asks: 'How many events were bad, as known now?',
    nothing: NO_HISTORY,
    unit: 'short',
  })
    .datasource(INFLUXDB)
    .span(5)
    .decimals(0)
    .dataLinks([console.interactions()])
    .withTarget(new InfluxQl('A', ofTally(BAD, null)).alias('bad'));

/** One dimension at a time: each event is in one value of each. */
const guilty = (dimension: string, title: string) =>
  columns({
    title,
    asks: `Which ${dimension.replaceAll('_', ' ')} do the bad events of the time shown come from?`,
    nothing: NO_HISTORY,
    unit: 'short',
  })
    .datasource(INFLUXDB)
    .xField('slice')
    .dataLinks([console.service()])
    .withTarget(new InfluxQl('A', ofTally(BAD, dimension, ['"slice"'])).table());

const knownNow = () =>
  lines({
    title: 'Share of good events, as known now',
    asks: 'How was it then, with all the evidence that has come since?',
    nothing: NO_HISTORY,
    unit: 'percentunit',
  })
    .datasource(INFLUXDB)
    .span(12)
    .max(1)
    .decimals(2)
    .dataLinks([console.objective()])
    .withTarget(
      new InfluxQl('A', ofTally('sum("good") / sum("valid") AS "good"', null, ['time($__interval)'])).alias('good'),
    );

/** One promise: how much of its budget is left, where it goes, and how sure that is. */
export const objective = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-objective',
    title: 'Objective',
    asks: 'How fast are we spending, until when, and on what?',
    of: 'service',
    variables: [
      ...oneService(),
      choice('objective', 'Objective', objectivesOf()),
      choice(
        'measure',
        'Measure',
        'label_values(plimsoll_objective_info{job=~"$job", service="$service", objective="$objective"}, measure)',
      ),
    ],
  })
    .withRow(row('$objective: as known now'))
    .withPanel(verdict())
    .withPanel(spentIn())
    .withPanel(detectable())
    .withPanel(badEvents())
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(budgetBand().title('Error budget left').dataLinks([console.objective()]))
    .withPanel(burn().title('Burn rate').dataLinks([console.objective()]))
    .withPanel(evidence().title('Evidence for a breach').dataLinks([console.objective()]))
    .withPanel(wouldPage())
    .withPanel(knownNow())
    .withRow(row('Where it goes, as known now'))
    .withPanel(guilty('response_model', 'Which model spends it?'))
    .withPanel(guilty('prompt_version', 'Which prompt version spends it?'));
