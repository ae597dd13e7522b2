import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as Heatmap } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { byThreshold, COLOURS, coloured, colouredFromOne, oneColour, shadesOf, thresholds } from './look.ts';
import { PROMETHEUS, query } from './queries.ts';

/** What a panel asks, what it says where there is nothing, and the unit of its numbers. */
export interface Question {
  readonly title: string;
  /** One question. */
  readonly asks: string;
  /** What absence means, and what to do. */
  readonly nothing: string;
  readonly unit: string;
}

/** What all panels have. */
interface Panel {
  title(title: string): this;
  description(text: string): this;
  datasource(source: typeof PROMETHEUS): this;
  unit(unit: string): this;
  noValue(text: string): this;
}

const asking = <P extends Panel>(panel: P, { title, asks, nothing, unit }: Question): P =>
  panel.title(title).description(asks).datasource(PROMETHEUS).unit(unit).noValue(nothing);

const legend = (): common.VizLegendOptionsBuilder =>
  new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true);

const tooltip = (): common.VizTooltipOptionsBuilder =>
  new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.None);

/** How thresholds are drawn among lines. */
export const dashedLines = (): common.GraphThresholdsStyleConfigBuilder =>
  new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed);

/** One number, or a few side by side, as of now. Grey until somebody says what colours mean. */
export const numbers = (question: Question): Stat =>
  asking(new Stat(), question)
    .height(5)
    .span(6)
    .colorScheme(byThreshold())
    .thresholds(thresholds([null, COLOURS.nothing]))
    .colorMode(common.BigValueColorMode.Background)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));

/** A gap is drawn as one: where a step of the query has no point. A length of gaps of our own would be shorter than the steps of a week. */
export const lines = (question: Question): TimeSeries =>
  asking(new TimeSeries(), question)
    .height(8)
    .span(12)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend())
    .tooltip(tooltip())
    .colorScheme(shadesOf(COLOURS.line));

/** What happens each second, piled up, without lines: that of what is 0 would lie on top of the others. @param colours  by name of series */
export function piled(question: Question, colours: Readonly<Record<string, string>>): TimeSeries {
  const panel = lines(question)
    .min(0)
    .lineWidth(0)
    .fillOpacity(70)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
    .colorScheme(shadesOf(COLOURS.line));
  for (const [name, colour] of Object.entries(colours)) panel.overrideByName(name, coloured(colour));
  return panel;
}

/** Counts that are grey at 0, in the colour of their name above it. */
export function counts(question: Question, colours: Readonly<Record<string, string>>): Stat {
  const panel = numbers(question);
  for (const [name, colour] of Object.entries(colours)) panel.overrideByName(name, colouredFromOne(colour));
  return panel;
}

/** Several numbers as bars, the worst first when the query says so. */
export const bars = (question: Question): BarGauge =>
  asking(new BarGauge(), question)
    .height(8)
    .span(8)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    // A name beside its bar is cut off to a third of the panel.
    .namePlacement(common.BarGaugeNamePlacement.Top)
    .text(new common.VizTextDisplayOptionsBuilder().titleSize(13).valueSize(15))
    .showUnfilled(true)
    .colorScheme(byThreshold())
    .thresholds(thresholds([null, COLOURS.line]))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));

/** Rows as they are. */
export const table = (question: Question): Table =>
  asking(new Table(), question)
    .height(8)
    .span(12)
    .colorScheme(byThreshold())
    .thresholds(thresholds([null, COLOURS.nothing]));

/** Amounts side by side, by what they are of: the rows of a table. */
export const columns = (question: Question): BarChart =>
  asking(new BarChart(), question)
    .height(8)
    .span(12)
    .orientation(common.VizOrientation.Horizontal)
    .legend(legend())
    .tooltip(tooltip())
    .fillOpacity(80)
    .colorScheme(oneColour(COLOURS.line));

/** How observations lie, over time. */
export const spread = (question: Question): Heatmap => asking(new Heatmap(), question).height(8).span(24);

export interface BandQueries {
  readonly estimate: string;
  readonly lower: string;
  readonly upper: string;
}

/**
 * An estimate in its 95 % interval. Grafana finds the lower edge of the band by the name it is shown with: so the names are
 * constant, and a panel shows one thing only.
 */
export const band = (question: Question, { estimate, lower, upper }: BandQueries): TimeSeries =>
  asBand(
    lines(question)
      .withTarget(query('P', estimate, 'estimate'))
      .withTarget(query('L', lower, '95% lower'))
      .withTarget(query('U', upper, '95% upper')),
  );

/** Of lines that are called `95% lower` and `95% upper`. */
export function asBand(panel: TimeSeries): TimeSeries {
  const hidden = { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } };
  const noLine = { id: 'custom.lineWidth', value: 0 };
  return panel
    .overrideByName('95% upper', [
      { id: 'custom.fillBelowTo', value: '95% lower' },
      { id: 'custom.fillOpacity', value: 25 },
      noLine,
      hidden,
    ])
    .overrideByName('95% lower', [noLine, hidden]);
}
