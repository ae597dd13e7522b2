import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, ofTally } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, coloured, thresholds } from './lib/look.ts';
import { measureBand, OF_MEASURE } from './lib/measures.ts';
import { budgetBand, evidence } from './lib/objectives.ts';
import { band, counts, lines, numbers, piled, spread } from './lib/panels.ts';
import { latest, ofService, quantile, query, rate } from './lib/queries.ts';
import { choices, measuresOf, objectivesOf, oneService } from './lib/variables.ts';
import {
  age,
  incidentsOfService,
  NOT_RUNNING,
  openIncidents,
  verdictCounts,
  verdictNumber,
  verdictsOfService,
  verdictTimeline,
} from './lib/verdicts.ts';

const HOUR = 'window="1h"';
const NO_TRAFFIC = 'nothing has come in';

// Promises.

const leastBudget = () =>
  numbers({
    title: 'Least error budget left',
    asks: 'How much may still go wrong before the first promise is broken, at the lower bound of what is known?',
    nothing: 'not decidable: nothing was counted',
    unit: 'percentunit',
  })
    .span(4)
    .decimals(1)
    .thresholds(thresholds([null, COLOURS.breached], [0, COLOURS.atRisk], [0.25, COLOURS.met]))
    .withTarget(
      latest('A', `min(${ofService('plimsoll_objective_error_budget_remaining_ci_lower_ratio')})`, 'lower bound'),
    );

const verdictsOverTime = () =>
  verdictTimeline({
    title: 'Verdicts over time',
    asks: 'When did each promise change its verdict?',
    nothing: `no verdicts: ${NOT_RUNNING}`,
  })
    .dataLinks([console.labelObjective()])
    .withTarget(query('A', verdictNumber(ofService, 'objective'), '{{objective}}'));

// A measure.

const lastHour = () =>
  measureBand(
    {
      title: '$measure in the last hour',
      asks: 'What share of the events was good, and how wide is our uncertainty? Gaps: nothing was counted.',
      nothing: 'no estimate: nothing was counted',
    },
    HOUR,
  )
    .span(10)
    .dataLinks([onward.objective()]);

const measureKnownNow = () =>
  lines({
    title: '$measure as known now',
    asks: 'How was it then, with all the evidence that has come since? Where the two differ, evidence came late.',
    nothing: 'nothing in the history: is spec.history set, and is the measure a share of good events?',
    unit: 'percentunit',
  })
    .datasource(INFLUXDB)
    .max(1)
    .decimals(2)
    .span(10)
    .dataLinks([onward.objective()])
    .withTarget(
      new InfluxQl('A', ofTally('sum("good") / sum("valid") AS "good"', null, ['time($__interval)'])).alias('good'),
    );

const restsOn = () =>
  numbers({
    title: 'What it rests on',
    asks: 'How many events were counted in the window of the promise and in the last hour, and what share of the traffic is that?',
    nothing: 'nothing was counted',
    unit: 'short',
  })
    .height(8)
    .span(6)
    .withTarget(
      latest('A', `max(${ofService('plimsoll_measure_window_events', OF_MEASURE, 'window!="1h"')})`, 'events'),
    )
    .withTarget(
      latest('B', `max(${ofService('plimsoll_measure_window_events', OF_MEASURE, HOUR)})`, 'in the last hour'),
    )
    .withTarget(
      latest('C', `max(${ofService('plimsoll_measure_coverage_ratio', OF_MEASURE, 'window!="1h"')})`, 'coverage'),
    )
    .overrideByName('coverage', [{ id: 'unit', value: 'percentunit' }]);

// What comes in.

const traffic = () =>
  piled(
    {
      title: 'Interactions by outcome',
      asks: 'What is coming in, and how does it end?',
      nothing: NO_TRAFFIC,
      unit: 'reqps',
    },
    { success: COLOURS.line, error: COLOURS.breached, timeout: COLOURS.atRisk, content: COLOURS.otherLine },
  ).withTarget(query('A', `sum by (outcome) (${rate(ofService('plimsoll_interactions_total'))})`, '{{outcome}}'));

const BUCKETS = ofService('plimsoll_interaction_duration_seconds_bucket');
const latency = () =>
  lines({
    title: 'Latency as it comes in',
    asks: 'How long do people wait, typically and when they are unlucky?',
    nothing: NO_TRAFFIC,
    unit: 's',
  })
    .min(0)
    .withTarget(query('A', quantile(0.95, BUCKETS), 'p95').exemplar(true))
    .withTarget(query('B', quantile(0.5, BUCKETS), 'p50'))
    .overrideByName('p50', coloured(COLOURS.otherLine));

// Looked at when asked.

const quantileBand = (rank: 'p50' | 'p95') =>
  band(
    {
      title: `Latency ${rank} of the last hour`,
      asks: `What is the ${rank} in event time, and how sure is it? Gaps: too few interactions to bound it.`,
      nothing: 'not decidable: too few interactions in the last hour',
      unit: 's',
    },
    {
      estimate: `max(${ofService('plimsoll_latency_quantile_seconds', `rank="${rank}"`)})`,
      lower: `max(${ofService('plimsoll_latency_quantile_ci_lower_seconds', `rank="${rank}"`)})`,
      upper: `max(${ofService('plimsoll_latency_quantile_ci_upper_seconds', `rank="${rank}"`)})`,
    },
  ).min(0);

const distribution = () =>
  spread({
    title: 'Latency distribution',
    asks: 'Is the tail a population of its own (cold starts, retries, long prompts)?',
    nothing: NO_TRAFFIC,
    unit: 's',
  }).withTarget(
    query(
      'A',
      `sum by (le) (increase(${ofService('plimsoll_interaction_duration_seconds_bucket')}[$__rate_interval]))`,
      '{{le}}',
    ).format(PromQueryFormat.Heatmap),
  );

const wouldPage = () =>
  numbers({
    title: 'Burn for sure',
    asks: 'How fast is the budget of the worst objective being spent at least, in the last five minutes and in the last hour both? From 14.4 on people are woken.',
    nothing: 'no traffic in the last hour',
    unit: 'short',
  })
    .span(12)
    .decimals(1)
    .thresholds(thresholds([null, COLOURS.nothing], [6, COLOURS.atRisk], [14.4, COLOURS.breached]))
    .withTarget(
      latest(
        'A',
        `max(min by (objective) (max by (objective, window) (${ofService('plimsoll_objective_burn_rate_ci_lower', 'window=~"5m|1h"')})))`,
        'at least',
      ),
    );

const spentIn = () =>
  numbers({
    title: 'Budget spent in',
    asks: 'When is the first budget spent, if the last six hours go on?',
    nothing: 'no budget is spent within a window',
    unit: 'dtdurations',
  })
    .span(12)
    .thresholds(thresholds([null, COLOURS.breached], [86_400, COLOURS.atRisk], [604_800, COLOURS.nothing]))
    .withTarget(latest('A', `min(${ofService('plimsoll_objective_budget_exhaustion_seconds')})`, 'from now'));

const tokens = () =>
  piled(
    { title: 'Tokens', asks: 'What is being spent on tokens, by type?', nothing: NO_TRAFFIC, unit: 'cps' },
    { input_uncached: COLOURS.line, output: COLOURS.otherLine },
  ).withTarget(query('A', `sum by (token_type) (${rate(ofService('plimsoll_tokens_total'))})`, '{{token_type}}'));

const feedback = () =>
  piled(
    {
      title: 'What people say',
      asks: 'How do people rate the answers?',
      nothing: 'nobody has said anything: is there a way to?',
      unit: 'cps',
    },
    { positive: COLOURS.line, negative: COLOURS.breached },
  ).withTarget(query('A', `sum by (sentiment) (${rate(ofService('plimsoll_feedback_total'))})`, '{{sentiment}}'));

const evaluations = () =>
  piled(
    {
      title: 'What evaluators score',
      asks: 'How many scores come in, and do they reach the pass mark?',
      nothing: 'no scores: does the service file map the evaluation?',
      unit: 'cps',
    },
    { pass: COLOURS.line, fail: COLOURS.breached },
  ).withTarget(query('A', `sum by (result) (${rate(ofService('plimsoll_evaluations_total'))})`, '{{result}}'));

const changes = () =>
  numbers({
    title: 'Last changes',
    asks: 'What was changed last, and when?',
    nothing: 'no change was declared: POST /api/v1/changes from the deployment',
    unit: 'dateTimeFromNow',
  })
    .span(12)
    .withTarget(
      latest(
        'A',
        `max by (change_type) (${ofService('plimsoll_last_change_timestamp_seconds')}) * 1000`,
        '{{change_type}}',
      ),
    );

const incidentsOpened = () =>
  counts(
    {
      title: 'Incidents opened',
      asks: 'How many incidents opened in the time shown?',
      nothing: NOT_RUNNING,
      unit: 'short',
    },
    { opened: COLOURS.breached },
  )
    .span(12)
    .decimals(0)
    .withTarget(latest('A', `sum(increase(${ofService('plimsoll_incidents_opened_total')}[$__range]))`, 'opened'));

const firstToken = () =>
  lines({
    title: 'First token by model, p95',
    asks: 'Which model keeps people waiting for its first word?',
    nothing: 'nobody says when the first token came: telemetry of streams does',
    unit: 's',
  })
    .min(0)
    .dataLinks([console.service()])
    .withTarget(
      query(
        'A',
        quantile(0.95, ofService('plimsoll_time_to_first_token_seconds_bucket'), 'model'),
        '{{model}}',
      ).exemplar(true),
    );

const dependencies = () =>
  lines({
    title: 'Which dependency fails?',
    asks: 'What share of the calls of each model, tool and store fails?',
    nothing: 'no calls have come in',
    unit: 'percentunit',
  })
    .min(0)
    .max(1)
    .dataLinks([console.service()])
    .withTarget(
      query(
        'A',
        `sum by (dependency) (${rate(ofService('plimsoll_calls_total', 'outcome!="success"'))}) / sum by (dependency) (${rate(ofService('plimsoll_calls_total'))})`,
        '{{dependency}}',
      ),
    );

/** One service: what it promises, how sure we are, and what comes in. */
export const serviceDetail = (): dashboard.DashboardBuilder =>
  frame({
    uid: 'plimsoll-service',
    title: 'Service',
    asks: 'One AI service: does it keep its promises, and how sure are we?',
    of: 'service',
    variables: [
      ...oneService(),
      choices('measure', 'Measure', measuresOf()),
      choices('objective', 'Objective', objectivesOf()),
    ],
  })
    .withRow(row('Promises'))
    .withPanel(verdictCounts(verdictsOfService()).dataLinks([onward.objective()]))
    .withPanel(leastBudget().dataLinks([onward.objective()]))
    .withPanel(openIncidents(incidentsOfService()).dataLinks([onward.incidents(), console.incidents()]))
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(verdictsOverTime())
    .withRow(row('$measure: as known now, by the time of the interaction').repeat('measure'))
    .withPanel(lastHour())
    .withPanel(measureKnownNow())
    .withPanel(restsOn().span(4).dataLinks([onward.quality()]))
    .withRow(row('$objective: budget and evidence').repeat('objective'))
    .withPanel(budgetBand().span(12).dataLinks([onward.thisObjective()]))
    .withPanel(evidence().span(12).dataLinks([onward.thisObjective()]))
    .withRow(row('Live: by the time of arrival'))
    .withPanel(traffic().dataLinks([console.interactions()]))
    .withPanel(latency().dataLinks([console.interactions()]))
    .withRow(
      row('Latency by the time of the interaction, and its distribution')
        .collapsed(true)
        .withPanel(quantileBand('p50').dataLinks([onward.objective()]))
        .withPanel(quantileBand('p95').dataLinks([onward.objective()]))
        .withPanel(distribution().dataLinks([console.interactions()])),
    )
    .withRow(row('What it depends on').collapsed(true).withPanel(dependencies()).withPanel(firstToken()))
    .withRow(
      row('How bad, and until when')
        .collapsed(true)
        .withPanel(wouldPage().dataLinks([onward.objective()]))
        .withPanel(spentIn().dataLinks([onward.objective()])),
    )
    .withRow(
      row('Tokens, people, evaluators, changes')
        .collapsed(true)
        .withPanel(tokens().span(8).dataLinks([onward.cost()]))
        .withPanel(feedback().span(8).dataLinks([onward.quality()]))
        .withPanel(evaluations().span(8).dataLinks([onward.quality()]))
        .withPanel(changes().dataLinks([onward.incidents()]))
        .withPanel(incidentsOpened().dataLinks([onward.incidents()])),
    );
