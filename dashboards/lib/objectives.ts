import type { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { COLOURS, coloured, thresholds } from './look.ts';
import { band, dashedLines, lines } from './panels.ts';
import { ofService, query } from './queries.ts';

export const OF_OBJECTIVE = 'objective=~"$objective"';
const BUDGET = 'plimsoll_objective_error_budget_remaining';

export const budgetBand = (): TimeSeries =>
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

export const burn = (): TimeSeries =>
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

export const evidence = (): TimeSeries =>
  lines({
    title: '$objective: evidence for a breach',
    asks: 'How far has the evidence come? At 100 % it is an alarm, and an incident opens.',
    nothing: 'judged by burn-rate rules alone: there is no running evidence',
    unit: 'percentunit',
  })
    .span(8)
    .min(0)
    .thresholds(thresholds([null, COLOURS.nothing], [0.7, COLOURS.atRisk], [1, COLOURS.breached]))
    .thresholdsStyle(dashedLines())
    .withTarget(
      query('A', `max by (detector) (${ofService('plimsoll_objective_evidence_ratio', OF_OBJECTIVE)})`, '{{detector}}'),
    );
