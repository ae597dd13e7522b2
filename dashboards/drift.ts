import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, ofServiceHistory } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS, thresholds } from './lib/look.ts';
import { measureBand } from './lib/measures.ts';
import { band, bars, columns, dashedLines, lines } from './lib/panels.ts';
import { latest, ofService, query } from './lib/queries.ts';
import { choice, measuresOf, oneService } from './lib/variables.ts';
import { age } from './lib/verdicts.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const OF_THIS_FEATURE = '"feature" =~ /^${feature:regex}$/';
const OF_FEATURE = 'feature=~"$feature"';
const NO_BASELINE = 'no number: there is no objective on drift, or its baseline is not complete yet';

const closest = () =>
  bars({
    title: 'Closest to an alarm',
    asks: 'Which feature has moved furthest from its baseline, beyond chance?',
    nothing: NO_BASELINE,
    unit: 'percentunit',
  })
    .span(10)
    .min(0)
    .max(1)
    .thresholds(thresholds([null, COLOURS.nothing], [0.7, COLOURS.atRisk], [1, COLOURS.breached]))
    .dataLinks([onward.objective()])
    .withTarget(latest('A', `max by (feature) (${ofService('plimsoll_drift_evidence_ratio')})`, '{{feature}}'));

const evidence = () =>
  lines({
    title: 'Evidence of drift',
    asks: 'Since when has each feature been moving? At 100 % it is an alarm.',
    nothing: NO_BASELINE,
    unit: 'percentunit',
  })
    .span(10)
    .min(0)
    .thresholds(thresholds([null, COLOURS.nothing], [1, COLOURS.breached]))
    .thresholdsStyle(dashedLines())
    .dataLinks([onward.objective()])
    .withTarget(query('A', `max by (feature) (${ofService('plimsoll_drift_evidence_ratio')})`, '{{feature}}'));

const size = () =>
  band(
    {
      title: '$feature: size of the drift',
      asks: 'How far is the window from the baseline, and how sure is that? From 0.1 on moderate, from 0.25 on major.',
      nothing: NO_BASELINE,
      unit: 'none',
    },
    {
      estimate: `max(${ofService('plimsoll_drift_effect', OF_FEATURE)})`,
      lower: `max(${ofService('plimsoll_drift_psi_ci_lower', 'measure="drift:$feature"')})`,
      upper: `max(${ofService('plimsoll_drift_psi_ci_upper', 'measure="drift:$feature"')})`,
    },
  )
    .thresholds(thresholds([null, COLOURS.nothing], [0.1, COLOURS.atRisk], [0.25, COLOURS.breached]))
    .thresholdsStyle(dashedLines())
    .dataLinks([onward.objective()]);

/** Counts: what is compared is how each half lies in itself. */
const bins = (period: 'baseline' | 'current', title: string, asks: string) =>
  columns({
    title,
    asks,
    nothing: 'no bins in the history: is spec.history set, and has an hour gone by since the baseline was complete?',
    unit: 'short',
  })
    .datasource(INFLUXDB)
    .xField('bin')
    .span(8)
    .dataLinks([console.service()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({
          select: 'sum("n") AS "events"',
          from: 'drift_bin',
          where: [OF_THIS_FEATURE, `"period" = '${period}'`],
          groupBy: ['"bin"'],
        }),
      ).table(),
    );

const didItHurt = () =>
  measureBand(
    {
      title: 'Did it hurt? $measure in the last hour',
      asks: 'Are the answers as good as they were?',
      nothing: 'not decidable: nobody has rated, labelled or scored an answer in the last hour',
    },
    'window="1h"',
  )
    .span(24)
    .dataLinks([onward.quality()]);

/** What comes in, and what goes out, against what it was. */
export const drift = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-drift',
    title: 'Drift',
    asks: 'What changed, since when, and did it hurt?',
    of: 'service',
    variables: [
      ...oneService(),
      choice(
        'feature',
        'Feature',
        'label_values(plimsoll_drift_evidence_ratio{job=~"$job", service="$service"}, feature)',
      ),
      choice('measure', 'Measure', measuresOf('measure!~"drift:.+"')),
    ],
  })
    .withRow(row('All features, as known now'))
    .withPanel(closest())
    .withPanel(evidence())
    .withPanel(age().height(8).dataLinks([onward.self()]))
    .withRow(row('$feature'))
    .withPanel(size().span(8))
    .withPanel(bins('baseline', 'Then', 'How did the events of the baseline lie?'))
    .withPanel(bins('current', 'Now', 'How do the events of the time shown lie?'))
    .withRow(row('Whether people notice'))
    .withPanel(didItHurt());
