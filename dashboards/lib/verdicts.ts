import * as common from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { byThreshold, COLOURS, colouredFromOne, named, thresholds, VERDICT_LOOKS, verdictWords } from './look.ts';
import { counts, numbers, type Question } from './panels.ts';
import { latest, ofPlimsoll, type ofService, PER_OBJECTIVE, PROMETHEUS } from './queries.ts';

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

/** How many objectives have which verdict. */
export function verdictCounts(of: Of): Stat {
  const panel = numbers({
    title: 'Objectives by verdict',
    asks: 'How many promises are kept, at risk, broken, or not decidable on the evidence there is?',
    nothing: `no objectives: ${NOT_RUNNING}`,
    unit: 'none',
  });
  for (const { verdict, text, colour } of VERDICT_LOOKS)
    panel.overrideByName(verdict, [...colouredFromOne(colour), ...(verdict === text ? [] : named(text))]);
  const each = `max by (${PER_OBJECTIVE}, verdict) (${of('plimsoll_objective_verdict')})`;
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

export const openIncidents = (of: Of, title = 'Open incidents'): Stat =>
  counts(
    { title, asks: 'What is being worked on, by priority?', nothing: NOT_RUNNING, unit: 'none' },
    Object.fromEntries(['P1', 'P2', 'P3', 'P4', 'P5'].map((severity) => [severity, COLOURS.breached])),
  )
    .span(8)
    .withTarget(
      latest(
        'A',
        `sum by (severity) (max by (service, environment, severity) (${of('plimsoll_incidents_open')}))`,
        '{{severity}}',
      ),
    );

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
