import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, OF_MEASURE, ofServiceHistory, ofTally } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, thresholds } from './lib/look.ts';
import { lines, numbers, piled, table } from './lib/panels.ts';
import { latest, ofService, query, rate, rows } from './lib/queries.ts';
import { measureOfHistory, oneService } from './lib/variables.ts';
import { age, incidentsOfService, openIncidents } from './lib/verdicts.ts';

const NO_HISTORY = 'nothing in the history: is spec.history set?';
const NO_INCIDENTS = 'no incident began in the time shown, or no history is written (spec.history)';
/** Columns of durations, as they are shown. */
const SECONDS = {
  detected_p50: 'detected, half within',
  acknowledged_p50: 'taken up, half within',
  resolved_p50: 'resolved, half within',
  resolved_p90: 'resolved, 90 % within',
};

const opened = () =>
  piled(
    {
      title: 'Opened and resolved',
      asks: 'Are more incidents opening than are being resolved?',
      nothing: 'no service has come in yet',
      unit: 'cps',
    },
    { opened: COLOURS.breached, resolved: COLOURS.line },
  )
    .span(24)
    .dataLinks([console.incidents()])
    .withTarget(query('A', `sum(${rate(ofService('plimsoll_incidents_opened_total'))})`, 'opened'))
    .withTarget(query('B', `sum(${rate(ofService('plimsoll_incidents_resolved_total'))})`, 'resolved'));

/** Exact values of the incidents themselves: a histogram of five of them would be a guess. */
const howLong = () => {
  const panel = table({
    title: 'How long it takes, by priority',
    asks: 'How long after its beginning is an incident detected, acknowledged and resolved, and of how many is that?',
    nothing: NO_INCIDENTS,
    unit: 'none',
  })
    .datasource(INFLUXDB)
    .span(24)
    .height(6)
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    .dataLinks([console.incidents()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({
          select:
            'count("detect_s") AS "incidents", percentile("detect_s", 50) AS "detected_p50", percentile("ack_s", 50) AS "acknowledged_p50", percentile("resolve_s", 50) AS "resolved_p50", percentile("resolve_s", 90) AS "resolved_p90", count("resolve_s") AS "resolved"',
          from: 'incident',
          groupBy: ['"severity"'],
        }),
      ).table(),
    );
  for (const name of ['incidents', 'resolved']) panel.overrideByName(name, [{ id: 'noValue', value: '0' }]);
  for (const [name, words] of Object.entries(SECONDS))
    panel.overrideByName(name, [
      { id: 'unit', value: 'dtdurations' },
      { id: 'displayName', value: words },
      // Of one column: that there is no incident at all is said by the panel.
      { id: 'noValue', value: 'none yet' },
    ]);
  return panel;
};

const list = () =>
  table({
    title: 'The incidents',
    asks: 'What happened, when did it begin, and until when?',
    nothing: NO_INCIDENTS,
    unit: 'none',
  })
    .datasource(INFLUXDB)
    .span(24)
    .overrideByName('text', [
      { id: 'displayName', value: 'what' },
      { id: 'custom.width', value: 480 },
    ])
    .overrideByName('until', [{ id: 'unit', value: 'dateTimeAsIso' }])
    .dataLinks([console.incident()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({ select: '"number", "severity", "text", "open", "until"', from: 'incident' }),
      ).table(),
    );

const sinceChange = () =>
  numbers({
    title: 'Since the last change',
    asks: 'How long ago was each thing changed last?',
    nothing: 'no change was declared: POST /api/v1/changes from the deployment',
    unit: 'dtdurations',
  })
    .span(8)
    .dataLinks([console.service()])
    .withTarget(
      latest(
        'A',
        `time() - max by (change_type) (${ofService('plimsoll_last_change_timestamp_seconds')})`,
        '{{change_type}}',
      ),
    );

const runs = () =>
  table({
    title: 'What runs?',
    asks: 'Which versions of models and prompts have answered within the hour, in which build?',
    nothing: 'nothing has answered within the hour, or Plimsoll is not running',
    unit: 'none',
  })
    .span(24)
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    .overrideByName('Value', [{ id: 'custom.hidden', value: true }])
    .dataLinks([console.service()])
    .withTarget(
      rows(
        'A',
        `max by (environment, model, model_version, prompt_version, build) (${ofService('plimsoll_deployment_info')})`,
      ),
    );

const failed = () =>
  numbers({
    title: 'Changes that went wrong',
    asks: 'Which share of the changes of 30 days was rolled back, or has an incident that is of its new version?',
    nothing: 'no change was declared in 30 days: POST /api/v1/changes from the deployment',
    unit: 'percentunit',
  })
    .span(4)
    .dataLinks([console.service()])
    .thresholds(thresholds([null, COLOURS.nothing], [0.15, COLOURS.atRisk], [0.3, COLOURS.breached]))
    .withTarget(latest('A', `max(${ofService('plimsoll_change_failure_ratio')})`, 'failed'));

const ran = (dimension: string, title: string) =>
  piled(
    {
      title,
      asks: `What ran when, by ${dimension.replaceAll('_', ' ')}, and how much of it?`,
      nothing: NO_HISTORY,
      unit: 'short',
    },
    {},
  )
    .datasource(INFLUXDB)
    .dataLinks([console.service()])
    .withTarget(
      new InfluxQl(
        'A',
        ofTally('sum("valid") AS "events"', dimension, ['time($__interval)', '"slice"'], `"measure" = 'availability'`),
      ).alias('$tag_slice'),
    );

const byVersion = (dimension: string, title: string) =>
  lines({
    title,
    asks: `Did the ${dimension.replaceAll('_', ' ')} make a difference to the share of good events?`,
    nothing: NO_HISTORY,
    unit: 'percentunit',
  })
    .datasource(INFLUXDB)
    .max(1)
    .decimals(2)
    .dataLinks([onward.objective()])
    .withTarget(
      new InfluxQl(
        'A',
        ofTally('sum("good") / sum("valid") AS "good"', dimension, ['time($__interval)', '"slice"'], OF_MEASURE),
      ).alias('$tag_slice'),
    );

/** What went wrong, how long it took, and what had been changed. */
export const incidents = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-incidents',
    title: 'Incidents and changes',
    asks: 'How often, how long, and did the change do it?',
    of: 'service',
    variables: [...oneService(), measureOfHistory()],
  })
    .withRow(row('Incidents'))
    .withPanel(openIncidents(incidentsOfService(), 'Open now').span(8).dataLinks([console.incidents()]))
    .withPanel(sinceChange())
    .withPanel(failed())
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(howLong())
    .withPanel(opened())
    .withPanel(list())
    .withRow(row('What runs, and what ran, as known now'))
    .withPanel(runs())
    .withPanel(ran('response_model', 'Models that answered'))
    .withPanel(ran('prompt_version', 'Prompt versions'))
    .withPanel(byVersion('response_model', '$measure by model'))
    .withPanel(byVersion('prompt_version', '$measure by prompt version'));
