import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, row } from './lib/frame.ts';
import { INFLUXDB, InfluxQl, ofServiceHistory } from './lib/influxql.ts';
import { console, onward } from './lib/links.ts';
import { COLOURS } from './lib/look.ts';
import { columns, lines, numbers, piled } from './lib/panels.ts';
import { latest, ofService, query, rate } from './lib/queries.ts';
import { choice, measuresOf, oneService } from './lib/variables.ts';
import { age } from './lib/verdicts.ts';

const UNPRICED =
  'not known: prices of these models are neither published nor in spec.prices, or it is not counted in dollars';
const NO_TRAFFIC = 'nothing has come in';
const NO_HISTORY = 'nothing in the history: is spec.history set?';
const SPENT = `sum(increase(${ofService('plimsoll_cost_usd_total')}[$__range]))`;
const interactions = (...matchers: string[]): string =>
  `sum(increase(${ofService('plimsoll_interactions_total', ...matchers)}[$__range]))`;

const byModel = () =>
  piled(
    {
      title: 'Spend per hour by model',
      asks: 'Which model is the money spent on?',
      nothing: UNPRICED,
      unit: 'currencyUSD',
    },
    {},
  )
    .decimals(2)
    .span(8)
    .dataLinks([console.service()])
    .withTarget(query('A', `sum by (model) (${rate(ofService('plimsoll_cost_usd_total'))}) * 3600`, '{{model}}'));

const perInteraction = () =>
  numbers({
    title: 'Per interaction',
    asks: 'What did an interaction cost in the time shown?',
    nothing: UNPRICED,
    unit: 'currencyUSD',
  })
    .decimals(4)
    .dataLinks([onward.service()])
    .withTarget(latest('A', `${SPENT} / ${interactions()}`, 'per interaction'));

/** An answer that failed, or was wrong, is paid for as well. */
const perGood = () =>
  numbers({
    title: 'Per good answer',
    asks: 'What did an answer cost that came and was good, by $measure?',
    nothing: `${UNPRICED}; or nobody judges the answers`,
    unit: 'currencyUSD',
  })
    .decimals(4)
    .dataLinks([onward.quality()])
    .withTarget(
      latest(
        'A',
        `${SPENT} / (${interactions('outcome="success"')} * max(${ofService('plimsoll_measure_ratio', 'measure=~"$measure"', 'window!="1h"')}))`,
        'per good answer',
      ),
    );

const lastHour = () =>
  numbers({
    title: 'Last hour',
    asks: 'What did the last judged hour cost, in the currency that the service is counted in?',
    nothing: UNPRICED,
    unit: 'none',
  })
    .span(4)
    .decimals(2)
    .dataLinks([console.service()])
    .withTarget(latest('A', `max by (currency) (${ofService('plimsoll_cost_window_amount')})`, '{{currency}}'));

const known = () =>
  numbers({
    title: 'Of it known',
    asks: 'Of what share of the interactions is it known what they cost?',
    nothing: UNPRICED,
    unit: 'percentunit',
  })
    .span(4)
    .dataLinks([console.service()])
    .withTarget(latest('A', `min(${ofService('plimsoll_cost_window_coverage_ratio')})`, 'priced'));

const tokens = () =>
  piled(
    {
      title: 'Tokens by type',
      asks: 'How many tokens are used each second, and what for?',
      nothing: NO_TRAFFIC,
      unit: 'cps',
    },
    {
      input_uncached: COLOURS.line,
      input_cached: COLOURS.nothing,
      output: COLOURS.otherLine,
      reasoning: COLOURS.atRisk,
    },
  )
    .span(8)
    .dataLinks([console.service()])
    .withTarget(query('A', `sum by (token_type) (${rate(ofService('plimsoll_tokens_total'))})`, '{{token_type}}'));

const cached = () =>
  lines({
    title: 'Share of the input from caches',
    asks: 'How much of the input is cheap because the provider had it already?',
    nothing: NO_TRAFFIC,
    unit: 'percentunit',
  })
    .min(0)
    .max(1)
    .span(8)
    .dataLinks([console.service()])
    .withTarget(
      query(
        'A',
        `sum(${rate(ofService('plimsoll_tokens_total', 'token_type="input_cached"'))}) / sum(${rate(ofService('plimsoll_tokens_total', 'token_type=~"input_.+"'))})`,
        'cached',
      ),
    );

const UNITS_SPENT = 'sum("cost_micros") / 1000000 AS "spent"';

const knownNow = () =>
  piled(
    {
      title: 'Spend over time, as known now',
      asks: 'What was spent when, with all that has come in late, by model and currency?',
      nothing: NO_HISTORY,
      unit: 'none',
    },
    {},
  )
    .datasource(INFLUXDB)
    .decimals(2)
    .dataLinks([console.service()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({
          select: UNITS_SPENT,
          from: 'cost',
          groupBy: ['time($__interval)', '"model"', '"currency"'],
        }),
      ).alias('$tag_model, $tag_currency'),
    );

const whole = () =>
  columns({
    title: 'Spend by model, as known now',
    asks: 'What did each model cost in the time shown, in the currency beside it?',
    nothing: NO_HISTORY,
    unit: 'none',
  })
    .datasource(INFLUXDB)
    .xField('model')
    .decimals(2)
    .dataLinks([console.service()])
    .withTarget(
      new InfluxQl(
        'A',
        ofServiceHistory({ select: UNITS_SPENT, from: 'cost', groupBy: ['"model"', '"currency"'] }),
      ).table(),
    );

/** What is spent, on what, and what it bought. */
export const cost = (): DashboardBuilder =>
  frame({
    uid: 'plimsoll-cost',
    title: 'Cost and tokens',
    asks: 'What does a good answer cost, and what is it spent on?',
    of: 'service',
    variables: [
      ...oneService(),
      choice('measure', 'Measure', measuresOf('measure=~"(accuracy|relevance|satisfaction|availability)(:.+)?"')),
    ],
  })
    .withRow(row('Live: by the time of arrival, in US dollars'))
    .withPanel(perInteraction())
    .withPanel(perGood())
    .withPanel(lastHour())
    .withPanel(known())
    .withPanel(age().dataLinks([onward.self()]))
    .withPanel(byModel())
    .withPanel(tokens())
    .withPanel(cached())
    .withRow(row('By the time of the interaction, as known now'))
    .withPanel(knownNow())
    .withPanel(whole());
