import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Heatmap } from '@grafana/grafana-foundation-sdk/heatmap';
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import {
  byThreshold,
  COLOURS,
  coloured,
  colouredFromOne,
  dashed,
  named,
  thresholds,
  VERDICT_LOOKS,
} from './lib/look.ts';
import { band, counts, lines, numbers, piled } from './lib/panels.ts';
import { latest, ofPlimsoll, ofService, PROMETHEUS, query, rate } from './lib/queries.ts';
import { choice, choices, dataSource } from './lib/variables.ts';

const JOB = 'job=~"$job"';
const HOUR = 'window="1h"';
const OF_MEASURE = 'measure=~"$measure"';
const OF_OBJECTIVE = 'objective=~"$objective"';
const PER_OBJECTIVE = 'service, environment, objective';
const NO_TRAFFIC = 'nothing has come in';
const NOT_RUNNING = 'Plimsoll is not running, or judges nothing of this service';

// Promises.

function verdicts() {
  const panel = numbers({
    title: 'Objectives by verdict',
    asks: 'How many promises are kept, at risk, broken, or not decidable on the evidence there is?',
    nothing: `no objectives: ${NOT_RUNNING}`,
    unit: 'none',
  });
  for (const { verdict, text, colour } of VERDICT_LOOKS)
    panel.overrideByName(verdict, [...colouredFromOne(colour), ...(verdict === text ? [] : named(text))]);
  const each = `max by (${PER_OBJECTIVE}, verdict) (${ofService('plimsoll_objective_verdict')})`;
  return panel.span(8).withTarget(latest('A', `sum by (verdict) (${each})`, '{{verdict}}'));
}

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

const incidentsOpen = () =>
  counts(
    {
      title: 'Open incidents',
      asks: 'What is being worked on, by priority?',
      nothing: NOT_RUNNING,
      unit: 'none',
    },
    Object.fromEntries(['P1', 'P2', 'P3', 'P4', 'P5'].map((severity) => [severity, COLOURS.breached])),
  )
    .span(8)
    .withTarget(
      latest(
        'A',
        `sum by (severity) (max by (service, environment, severity) (${ofService('plimsoll_incidents_open')}))`,
        '{{severity}}',
      ),
    );

const age = () =>
  numbers({
    title: 'Age of the numbers',
    asks: 'How long ago did the last judged minute end? What is newer shows in the live panels only.',
    nothing: 'nothing was judged yet: Plimsoll is not running, or has just started',
    unit: 's',
  })
    .span(4)
    .thresholds(thresholds([null, COLOURS.nothing], [300, COLOURS.atRisk], [900, COLOURS.breached]))
    .withTarget(latest('A', `time() - max(${ofPlimsoll('plimsoll_judged_through_timestamp_seconds')})`, 'age'));

function verdictsOverTime() {
  const numbered = VERDICT_LOOKS.map(
    ({ verdict, number }) => `${ofService('plimsoll_objective_verdict', `verdict="${verdict}"`)} * ${number}`,
  ).join(' or ');
  const options = Object.fromEntries(
    VERDICT_LOOKS.map(({ text, colour, number }, index) => [number, { text, color: colour, index }]),
  );
  return new StateTimeline()
    .title('Verdicts over time')
    .description('When did each promise change its verdict?')
    .datasource(PROMETHEUS)
    .span(24)
    .height(6)
    .noValue(`no verdicts: ${NOT_RUNNING}`)
    .colorScheme(byThreshold())
    .thresholds(thresholds([null, COLOURS.nothing]))
    .mappings([{ type: dashboard.MappingType.ValueToText, options }])
    .showValue(common.VisibilityMode.Never)
    .withTarget(query('A', `max by (objective) (${numbered})`, '{{objective}}'));
}

// A measure.

const measureBand = () =>
  band(
    {
      title: '$measure in the last hour',
      asks: 'What share of the events was good, and how wide is our uncertainty? Gaps: nothing was counted.',
      nothing: 'no estimate: nothing was counted',
      unit: 'percentunit',
    },
    {
      estimate: `max(${ofService('plimsoll_measure_ratio', OF_MEASURE, HOUR)})`,
      lower: `max(${ofService('plimsoll_measure_ci_lower_ratio', OF_MEASURE, HOUR)})`,
      upper: `max(${ofService('plimsoll_measure_ci_upper_ratio', OF_MEASURE, HOUR)})`,
    },
  )
    .max(1)
    .decimals(2)
    .span(18)
    .withTarget(
      query(
        'T',
        `min(${ofService('plimsoll_objective_target_ratio')} * on (${PER_OBJECTIVE}) group_left () max by (${PER_OBJECTIVE}) (${ofService('plimsoll_objective_info', OF_MEASURE)}))`,
        'target',
      ),
    )
    .overrideByName('target', dashed(COLOURS.breached));

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

// The budget of an objective.

const BUDGET = 'plimsoll_objective_error_budget_remaining';
const budgetBand = () =>
  band(
    {
      title: '$objective: error budget left',
      asks: 'What may still go wrong in the window, and how sure is that? Below zero more is spent than was promised.',
      nothing: 'not decidable: nothing was counted',
      unit: 'percentunit',
    },
    {
      estimate: `max(${ofService(`${BUDGET}_ratio`, OF_OBJECTIVE)})`,
      lower: `max(${ofService(`${BUDGET}_ci_lower_ratio`, OF_OBJECTIVE)})`,
      upper: `max(${ofService(`${BUDGET}_ci_upper_ratio`, OF_OBJECTIVE)})`,
    },
  )
    .max(1)
    .decimals(1)
    .span(8);

const burn = () =>
  lines({
    title: '$objective: burn rate',
    asks: 'How fast is the budget being spent? One spends it exactly by the end of the window.',
    nothing: 'no traffic in these windows',
    unit: 'short',
  })
    .span(8)
    .min(0)
    .withTarget(
      query(
        'A',
        `max by (window) (${ofService('plimsoll_objective_burn_rate', OF_OBJECTIVE, 'window=~"1h|6h|3d"')})`,
        '{{window}}',
      ),
    )
    .overrideByName('6h', coloured(COLOURS.otherLine))
    .overrideByName('3d', coloured(COLOURS.nothing));

const evidence = () =>
  lines({
    title: '$objective: evidence for a breach',
    asks: 'How far has the evidence come? At 100 % it is an alarm, and an incident opens.',
    nothing: 'judged by burn-rate rules alone: there is no running evidence',
    unit: 'percentunit',
  })
    .span(8)
    .min(0)
    .thresholds(thresholds([null, COLOURS.nothing], [0.7, COLOURS.atRisk], [1, COLOURS.breached]))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
    .withTarget(
      query('A', `max by (detector) (${ofService('plimsoll_objective_evidence_ratio', OF_OBJECTIVE)})`, '{{detector}}'),
    );

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

const BUCKETS = rate(ofService('plimsoll_interaction_duration_seconds_bucket'));
const latency = () =>
  lines({
    title: 'Latency as it comes in',
    asks: 'How long do people wait, typically and when they are unlucky?',
    nothing: NO_TRAFFIC,
    unit: 's',
  })
    .min(0)
    .withTarget(query('A', `histogram_quantile(0.95, sum by (le) (${BUCKETS}))`, 'p95'))
    .withTarget(query('B', `histogram_quantile(0.5, sum by (le) (${BUCKETS}))`, 'p50'))
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
  new Heatmap()
    .title('Latency distribution')
    .description('Is the tail a population of its own (cold starts, retries, long prompts)?')
    .datasource(PROMETHEUS)
    .span(24)
    .height(8)
    .unit('s')
    .withTarget(
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

const row = (title: string) => new dashboard.RowBuilder(title);

const annotation = (name: string, colour: string, expr: string, title: string) =>
  new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor(colour)
    .expr(expr)
    .titleFormat(title);

/** One service: what it promises, how sure we are, and what comes in. */
export const serviceDetail = (): dashboard.DashboardBuilder =>
  new dashboard.DashboardBuilder('Plimsoll / Service')
    .uid('plimsoll-service')
    .description('One AI service: does it keep its promises, and how sure are we?')
    .tags(['plimsoll', 'generated'])
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .timezone('utc')
    .withVariable(dataSource())
    .withVariable(choices('job', 'Job', 'label_values(plimsoll_build_info, job)'))
    .withVariable(choices('instance', 'Instance', `label_values(plimsoll_build_info{${JOB}}, instance)`))
    .withVariable(choice('service', 'Service', `label_values(plimsoll_interactions_total{${JOB}}, service)`))
    .withVariable(
      choices(
        'environment',
        'Environment',
        `label_values(plimsoll_interactions_total{${JOB}, service="$service"}, environment)`,
        '.*',
      ),
    )
    .withVariable(
      choices('measure', 'Measure', `label_values(plimsoll_measure_info{${JOB}, service="$service"}, measure)`),
    )
    .withVariable(
      choices('objective', 'Objective', `label_values(plimsoll_objective_info{${JOB}, service="$service"}, objective)`),
    )
    .link(
      new dashboard.DashboardLinkBuilder('Plimsoll')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['plimsoll'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(
      annotation(
        'Incidents',
        COLOURS.breached,
        `sum by (severity) (increase(${ofService('plimsoll_incidents_opened_total')}[$__rate_interval])) > 0`,
        '{{severity}} incident opened',
      ),
    )
    .annotation(
      annotation(
        'Changes',
        COLOURS.line,
        `max by (change_type) (changes(${ofService('plimsoll_last_change_timestamp_seconds')}[$__rate_interval])) > 0`,
        '{{change_type}} changed',
      ),
    )
    .withRow(row('Promises'))
    .withPanel(verdicts())
    .withPanel(leastBudget())
    .withPanel(incidentsOpen())
    .withPanel(age())
    .withPanel(verdictsOverTime())
    .withRow(row('$measure: as known now, by the time of the interaction').repeat('measure'))
    .withPanel(measureBand())
    .withPanel(restsOn())
    .withRow(row('$objective: budget and evidence').repeat('objective'))
    .withPanel(budgetBand())
    .withPanel(burn())
    .withPanel(evidence())
    .withRow(row('Live: by the time of arrival'))
    .withPanel(traffic())
    .withPanel(latency())
    .withRow(
      row('Latency by the time of the interaction, and its distribution')
        .collapsed(true)
        .withPanel(quantileBand('p50'))
        .withPanel(quantileBand('p95'))
        .withPanel(distribution()),
    )
    .withRow(row('How bad, and until when').collapsed(true).withPanel(wouldPage()).withPanel(spentIn()))
    .withRow(
      row('Tokens, people, evaluators, changes')
        .collapsed(true)
        .withPanel(tokens())
        .withPanel(feedback())
        .withPanel(evaluations())
        .withPanel(changes())
        .withPanel(incidentsOpened()),
    );
