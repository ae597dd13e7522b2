import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, coloured, thresholds } from './lib/look.ts';
import { measureBand, OF_MEASURE } from './lib/measures.ts';
import { band, bars, lines, piled } from './lib/panels.ts';
import { latest, ofService, query, rate } from './lib/queries.ts';
import { choices, measuresOf, oneService, promisedWindow } from './lib/variables.ts';
import { age } from './lib/verdicts.ts';

const WINDOW = 'window="$window"';

const inWindow = () =>
  measureBand(
    {
      title: '$measure in $window',
      asks: 'What share of the answers was good, and how wide is our uncertainty? Gaps: nothing was counted.',
      nothing: 'no estimate: nobody has rated, labelled or scored an answer in this window',
    },
    WINDOW,
  )
    .span(16)
    .dataLinks([onward.objective()]);

const restsOn = () =>
  lines({
    title: '$measure: what it rests on',
    asks: 'What share of the answers is judged, and what share of the judgements to be expected has come?',
    nothing: 'nothing was counted: are labels, feedback or scores sent?',
    unit: 'percentunit',
  })
    .span(8)
    .min(0)
    .max(1)
    .dataLinks([onward.service()])
    .withTarget(query('A', `max(${ofService('plimsoll_measure_coverage_ratio', OF_MEASURE, WINDOW)})`, 'coverage'))
    .withTarget(query('B', `max(${ofService('plimsoll_measure_maturity_ratio', OF_MEASURE, WINDOW)})`, 'maturity'))
    .overrideByName('maturity', coloured(COLOURS.otherLine));

const trust = () =>
  band(
    {
      title: 'Trust index',
      asks: 'Do people rely on the answers, and are they right to? Below 50 points the service should not be.',
      nothing: 'no trust index: it needs an objective of type trust, and its parts ten events each',
      unit: 'none',
    },
    {
      estimate: `max(${ofService('plimsoll_trust_index_points', WINDOW)})`,
      lower: `max(${ofService('plimsoll_trust_index_ci_lower_points', WINDOW)})`,
      upper: `max(${ofService('plimsoll_trust_index_ci_upper_points', WINDOW)})`,
    },
  )
    .min(0)
    .max(100)
    .span(10)
    .dataLinks([onward.objective()]);

const components = () =>
  bars({
    title: 'What the trust index is made of',
    asks: 'Which part of it is the weakest?',
    nothing: 'no part has ten events yet',
    unit: 'percentunit',
  })
    .span(7)
    .min(0)
    .max(1)
    .dataLinks([onward.objective()])
    .withTarget(
      latest('A', `max by (component) (${ofService('plimsoll_trust_component_ratio', WINDOW)})`, '{{component}}'),
    );

const gap = () =>
  lines({
    title: 'Over-trust or under-trust',
    asks: 'How much more often are answers accepted than they are right? Above 0 people rely on them too much.',
    nothing: 'not decidable: it needs decisions of people and labels of the same answers',
    unit: 'percentunit',
  })
    .span(7)
    .dataLinks([onward.objective()])
    .withTarget(query('A', `max(${ofService('plimsoll_trust_gap_ratio', WINDOW)})`, 'accepted more often than right'));

const agreement = () =>
  bars({
    title: 'Evaluators against people',
    asks: 'How do the scores of each evaluator go with what people say? Below 40 % a score says little.',
    nothing: 'no evaluator can be compared: label some of the answers that it scores',
    unit: 'percentunit',
  })
    .span(20)
    .height(5)
    .min(0)
    .max(1)
    .thresholds(thresholds([null, COLOURS.breached], [0.4, COLOURS.atRisk], [0.6, COLOURS.line]))
    .dataLinks([onward.objective()])
    .withTarget(
      latest(
        'A',
        `max by (evaluator, objective) (${ofService('plimsoll_evaluator_agreement_ratio')})`,
        '{{evaluator}} ({{objective}})',
      ),
    );

const answers = () =>
  lines({
    title: 'Who answers?',
    asks: 'What share of the answers do people say something about?',
    nothing: 'nobody has said anything: is there a way to?',
    unit: 'percentunit',
  })
    .span(12)
    .min(0)
    .dataLinks([console.service()])
    .withTarget(
      query(
        'A',
        `sum(${rate(ofService('plimsoll_feedback_total'))}) / sum(${rate(ofService('plimsoll_interactions_total'))})`,
        'feedback for each answer',
      ),
    );

const labels = () =>
  piled(
    {
      title: 'Labels by source',
      asks: 'Who says what is true, and how often?',
      nothing: 'no labels: without them accuracy rests on evaluators alone',
      unit: 'cps',
    },
    { human: COLOURS.line, audit: COLOURS.otherLine },
  )
    .span(12)
    .dataLinks([console.service()])
    .withTarget(query('A', `sum by (label_source) (${rate(ofService('plimsoll_labels_total'))})`, '{{label_source}}'));

const scores = () =>
  piled(
    {
      title: 'Scores by evaluator',
      asks: 'How many answers reach the pass mark of each evaluator, and how many do not?',
      nothing: 'no scores: does the service file map the evaluation?',
      unit: 'cps',
    },
    {},
  )
    .dataLinks([console.service()])
    .withTarget(
      query(
        'A',
        `sum by (evaluator, result) (${rate(ofService('plimsoll_evaluations_total'))})`,
        '{{evaluator}} {{result}}',
      ),
    )
    .overrideByRegexp('/ pass$/', coloured(COLOURS.line))
    .overrideByRegexp('/ fail$/', coloured(COLOURS.breached));

const guardrails = () =>
  piled(
    {
      title: 'Guardrails',
      asks: 'How many answers do guardrails hold back?',
      nothing: 'no objective is on guardrails, or none has spoken',
      unit: 'cps',
    },
    { passed: COLOURS.line, blocked: COLOURS.breached },
  )
    .dataLinks([console.service()])
    .withTarget(
      query('A', `sum by (decision) (${rate(ofService('plimsoll_guardrail_decisions_total'))})`, '{{decision}}'),
    );

/** What is known of the answers themselves, and by whom. */
export const quality = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-quality',
    title: 'Quality and trust',
    asks: 'Are the answers right, do people rely on them rightly, and can the judges be believed?',
    of: 'service',
    variables: [
      ...oneService(),
      promisedWindow(),
      choices('measure', 'Measure', measuresOf('measure=~"(accuracy|relevance|satisfaction)(:.+)?"')),
    ],
  })
    .withRow(row('$measure: by the time of the interaction, as known now').repeat('measure'))
    .withPanel(inWindow())
    .withPanel(restsOn())
    .withRow(row('Trust, as known now'))
    .withPanel(trust())
    .withPanel(components())
    .withPanel(gap())
    .withRow(row('Those who judge'))
    .withPanel(agreement())
    .withPanel(age().dataLinks([onward.self()]))
    .withRow(row('Live: by the time of arrival'))
    .withPanel(answers())
    .withPanel(labels())
    .withPanel(scores())
    .withPanel(guardrails());
