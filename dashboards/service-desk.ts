import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, ofServiceHistory } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, verdictWords } from './lib/look.ts';
import { band, lines, numbers, table } from './lib/panels.ts';
import { latest, ofService, query, rows } from './lib/queries.ts';
import { oneService, promisedWindow } from './lib/variables.ts';
import { age, verdictNumber, verdictWord } from './lib/verdicts.ts';

/** Verdicts of objectives of one kind. */
const kindOf = (kind: string): string =>
  `${verdictNumber(ofService, 'objective')} * on (objective) group_left () max by (objective) (${ofService('plimsoll_objective_info', `kind="${kind}"`)})`;

const allRight = () =>
  verdictWord(
    {
      title: 'Is it all right?',
      asks: 'Are people being served as they should be?',
      nothing: 'nobody has said what "all right" is for people here: it takes an objective of kind XLA',
    },
    'plain',
  )
    .span(20)
    .dataLinks([onward.quality()])
    .withTarget(latest('A', kindOf('xla'), '{{objective}}'));

const promises = () =>
  table({
    title: 'Promises to customers',
    asks: 'Are we keeping what was agreed with customers?',
    nothing: 'nothing was agreed with customers here: no objective is of kind SLA',
    unit: 'none',
  })
    .mappings(verdictWords('plain'))
    .overrideByName('Time', [{ id: 'custom.hidden', value: true }])
    .overrideByName('objective', [{ id: 'displayName', value: 'promise' }])
    .overrideByName('Value', [
      { id: 'displayName', value: 'how it stands' },
      { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    ])
    .dataLinks([console.rowObjective()])
    .withTarget(rows('A', kindOf('sla')));

const workedOn = () =>
  table({
    title: 'Being worked on',
    asks: 'What is known to be wrong, and since when?',
    nothing: 'nothing is known to be wrong (or no history is written: spec.history)',
    unit: 'none',
  })
    .datasource(INFLUXDB)
    .overrideByName('text', [{ id: 'displayName', value: 'what' }])
    .overrideByName('Time', [
      { id: 'displayName', value: 'since' },
      { id: 'custom.width', value: 160 },
    ])
    .overrideByName('number', [{ id: 'custom.width', value: 90 }])
    .overrideByName('severity', [{ id: 'custom.width', value: 80 }])
    .dataLinks([console.incident()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({ select: '"number", "text", "severity"', from: 'incident', where: ['"open" = true'] }),
      ).table(),
    );

const feelings = () =>
  lines({
    title: 'How do people feel?',
    asks: 'How many people said something good about the answers in the hour before, and how many something bad?',
    nothing: 'nobody has said anything: is there a way to?',
    unit: 'short',
  })
    .min(0)
    .decimals(0)
    .dataLinks([onward.quality()])
    .withTarget(
      query('A', `sum(increase(${ofService('plimsoll_feedback_total', 'sentiment="positive"')}[1h]))`, 'good'),
    )
    .withTarget(query('B', `sum(increase(${ofService('plimsoll_feedback_total', 'sentiment="negative"')}[1h]))`, 'bad'))
    .overrideByName('bad', [{ id: 'color', value: { mode: 'fixed', fixedColor: COLOURS.breached } }]);

const trust = () =>
  band(
    {
      title: 'Trust, out of 100',
      asks: 'Can people rely on it? The band is how sure we are; below 50 they should not.',
      nothing: 'We cannot tell yet: too little is known of how people use the answers',
      unit: 'none',
    },
    {
      estimate: `max(${ofService('plimsoll_trust_index_points', 'window="$window"')})`,
      lower: `max(${ofService('plimsoll_trust_index_ci_lower_points', 'window="$window"')})`,
      upper: `max(${ofService('plimsoll_trust_index_ci_upper_points', 'window="$window"')})`,
    },
  )
    .min(0)
    .max(100)
    .dataLinks([onward.quality()]);

const changed = () =>
  numbers({
    title: 'What changed lately?',
    asks: 'Did somebody change something that may explain it?',
    nothing: 'no change is known',
    unit: 'dateTimeFromNow',
  })
    .span(24)
    .dataLinks([onward.incidents()])
    .withTarget(
      latest(
        'A',
        `max by (change_type) (${ofService('plimsoll_last_change_timestamp_seconds')}) * 1000`,
        '{{change_type}}',
      ),
    );

/** For people who answer the phone. */
export const serviceDesk = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-service-desk',
    title: 'Service desk',
    asks: 'Is the AI service all right, and what do I tell people?',
    of: 'service',
    variables: [...oneService(), promisedWindow()],
  })
    .withRow(row('Right now'))
    .withPanel(allRight())
    .withPanel(age().title('As of').dataLinks([onward.self()]))
    .withPanel(promises())
    .withPanel(workedOn())
    .withRow(row('What people say, and what was changed'))
    .withPanel(feelings())
    .withPanel(trust())
    .withPanel(changed());
