import * as common from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { byThreshold, COLOURS, colouredFromOne, named, thresholds, VERDICT_LOOKS, verdictWords } from './look.ts';
import { counts, numbers, type Question } from './panels.ts';
import { latest, ofPlimsoll, ofService, PER_OBJECTIVE, PROMETHEUS } from './queries.ts';

export const NOT_RUNNING = 'Plimsoll is not running, or judges nothing here: see Plimsoll itself';
type Of = typeof ofService;

/** Each objective's verdict as a number, once for all replicas. */
export function verdictNumber(of: Of, by: string, ...matchers: string[]): string {
  const numbered = VERDICT_LOOKS.map(
    ({ verdict, number }) =>
      `${of('plimsoll_objective_verdict', ...matchers, `verdict="${verdict}"`)}${number === 1 ? '' : ` * ${number}`}`,
  );
  return `max by (${by}) (${numbered.join(' or ')})`;
}

/** Verdicts of the objectives of the service, once for all replicas. */
export const verdictsOfService = (): string =>
  `max by (${PER_OBJECTIVE}, verdict) (${ofService('plimsoll_objective_verdict')})`;
/** Incidents of the service that are not resolved, once for all replicas. */
export const incidentsOfService = (): string =>
  `max by (service, environment, severity) (${ofService('plimsoll_incidents_open')})`;

/** How many objectives have which verdict. @param each  counts of verdicts, one for each thing counted */
export function verdictCounts(each: string): Stat {
  const panel = numbers({
    title: 'Objectives by verdict',
    asks: 'How many promises are kept, at risk, broken, or not decidable on the evidence there is?',
    nothing: `no objectives: ${NOT_RUNNING}`,
    unit: 'none',
  });
  for (const { verdict, text, colour } of VERDICT_LOOKS)
    panel.overrideByName(verdict, [...colouredFromOne(colour), ...(verdict === text ? [] : named(text))]);
  return panel.span(8).withTarget(latest('A', `sum by (verdict) (${each})`, '{{verdict}}'));
}

export const verdictTimeline = ({ title, asks, nothing }: Omit<Question, 'unit'>): StateTimeline =>
  new StateTimeline()
    .title(title)
    .description(asks)
    .datasource(PROMETHEUS)
    .span(24)
    .height(6)
    .noValue(nothing)
    .colorScheme(byThreshold())
    .thresholds(thresholds([null, COLOURS.nothing]))
    .mappings(verdictWords('text'))
    .showValue(common.VisibilityMode.Never);

/** One objective's verdict as a word. */
export const verdictWord = (question: Omit<Question, 'unit'>, words: 'text' | 'plain'): Stat =>
  numbers({ ...question, unit: 'none' }).mappings(verdictWords(words));

/** @param each  incidents by severity, once for each thing that has them */
export const openIncidents = (each: string, title = 'Open incidents'): Stat =>
  counts(
    { title, asks: 'What is being worked on, by priority?', nothing: NOT_RUNNING, unit: 'none' },
    Object.fromEntries(['P1', 'P2', 'P3', 'P4', 'P5'].map((severity) => [severity, COLOURS.breached])),
  )
    .span(8)
    .withTarget(latest('A', `sum by (severity) (${each})`, '{{severity}}'));

/** Every dashboard says how old what it shows is. */
export const age = (): Stat =>
  numbers({
    title: 'Age of the numbers',
    asks: 'How long ago did the last judged minute end? What is newer shows in the live panels only.',
    nothing: 'nothing was judged yet: Plimsoll is not running, or has just started',
    unit: 's',
  })
    .span(4)
    .thresholds(thresholds([null, COLOURS.nothing], [300, COLOURS.atRisk], [900, COLOURS.breached]))
    .withTarget(latest('A', `time() - max(${ofPlimsoll('plimsoll_judged_through_timestamp_seconds')})`, 'age'));
