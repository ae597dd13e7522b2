import type { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { COLOURS, dashed } from './look.ts';
import { band, type Question } from './panels.ts';
import { ofService, PER_OBJECTIVE, query } from './queries.ts';

export const OF_MEASURE = 'measure=~"$measure"';

/** What share of the events was good, in the interval that it is known in, beside what is promised. @param window  like `window="1h"` */
export const measureBand = (question: Omit<Question, 'unit'>, window: string): TimeSeries =>
  band(
    { ...question, unit: 'percentunit' },
    {
      estimate: `max(${ofService('plimsoll_measure_ratio', OF_MEASURE, window)})`,
      lower: `max(${ofService('plimsoll_measure_ci_lower_ratio', OF_MEASURE, window)})`,
      upper: `max(${ofService('plimsoll_measure_ci_upper_ratio', OF_MEASURE, window)})`,
    },
  )
    .max(1)
    .decimals(2)
    .withTarget(
      query(
        'T',
        `min(${ofService('plimsoll_objective_target_ratio')} * on (${PER_OBJECTIVE}) group_left () max by (${PER_OBJECTIVE}) (${ofService('plimsoll_objective_info', OF_MEASURE)}))`,
        'target',
      ),
    )
    .overrideByName('target', dashed(COLOURS.breached));
