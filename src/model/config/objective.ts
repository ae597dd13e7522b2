import { z } from 'zod';
import { OBJECTIVE_KINDS } from '../incident.ts';
import { CATEGORIES } from '../taxonomy.ts';
import { credits } from './credits.ts';
import { frame, map, metadata } from './document.ts';
import { flag, label, list, longText, maybe, refuse, text } from './fields.ts';
import { type MeasureConfig, measure } from './measure.ts';
import { Q0_MAX, Q0_MAX_RESPONSES, target } from './target.ts';
import { window } from './window.ts';

export const DETECTORS = ['sequential', 'burn_rate', 'both'] as const;
export type Detector = (typeof DETECTORS)[number];

const DEFAULT_WINDOW = { rolling: '28d' };

/** What is done when the objective is breached, and what decides that it is. */
const alert = map({
  detector: z.enum(DETECTORS).default('sequential'),
  /** Whether a burn far above the budget wakes people: the page detector, or the fastest burn-rate tier. */
  page: flag.default(true),
  /** Dimensions whose values get detectors of their own. */
  slices: list(text).default([]),
});

const spec = map({
  description: maybe(longText),
  service: label,
  environment: maybe(text),
  kind: z.enum(OBJECTIVE_KINDS).default('SLO'),
  measure,
  target: maybe(target),
  window: window.prefault(DEFAULT_WINDOW),
  alert: alert.prefault({}),
  incident: map({ category: maybe(z.enum(CATEGORIES)) }).prefault({}),
  /** What a contract owes for a period in which the promise was not kept. */
  credits: credits.default([]),
}).superRefine(({ kind, measure, target, alert, window, credits }, context) => {
  if (measure.type === 'drift' && target !== null)
    refuse(context, 'a drift objective has no target: its tolerance is its only setting', { hint: 'remove target' }, [
      'target',
    ]);
  if (measure.type === 'parity' && target !== null)
    refuse(context, 'a parity objective has no target: its limit is what it promises', { hint: 'remove target' }, [
      'target',
    ]);
  if (measure.type === 'cost' && measure.perDay !== null && target !== null)
    refuse(context, 'a limit of a day has no target: it is what is promised', { hint: 'remove target' }, ['target']);
  if (needsTarget(measure) && target === null)
    refuse(context, 'missing key "target": the share of good events that is promised, like 0.99', {
      code: 'PLIM_CONFIG_MISSING_KEY',
    });
  const share = Number((1 - mostBad(measure)).toFixed(2));
  if (target !== null && target.q0 > mostBad(measure))
    refuse(context, `a target is at least ${share}`, { hint: `write ${share}` }, ['target']);
  if (
    (!hasBurnRate(measure) || (measure.type === 'cost' && measure.perDay !== null)) &&
    alert.detector !== 'sequential'
  )
    refuse(context, `${measure.type} has no error budget to burn`, { hint: 'write sequential' }, ['alert', 'detector']);
  if (alert.slices.length > 0 && !hasSlices(measure))
    refuse(
      context,
      `${measure.type} has no detectors of slices: only what is known of an interaction when it ends is counted by slice in the minutes that detectors see`,
      { hint: `slices of ${SLICED_MEASURES.join(', ')} can be watched` },
      ['alert', 'slices'],
    );
  if (alert.slices.length > 0 && alert.detector === 'burn_rate')
    refuse(context, 'slices are watched by the sequential test', { hint: 'write both' }, ['alert', 'detector']);
  for (const [i, dimension] of alert.slices.entries())
    if (OUTCOMES.includes(dimension))
      refuse(
        context,
        `${dimension} is how an interaction ended, so that a slice of it is good or bad from the beginning`,
        { hint: 'name a dimension that is known before the answer, like prompt_version' },
        ['alert', 'slices', i],
      );
  if (credits.length === 0) return;
  if (kind !== 'SLA')
    refuse(context, `an ${kind} owes no credits, only what was contracted does`, { hint: 'write kind: SLA' }, [
      'credits',
    ]);
  if (window.type !== 'calendar')
    refuse(
      context,
      'credits are owed for periods of the calendar, and a rolling window has none',
      { hint: 'write window: {calendar: month}' },
      ['credits'],
    );
  if (target !== null && credits[0]!.below > target.share)
    refuse(
      context,
      `a credit would be owed although the target of ${target.share} is met`,
      { hint: `write ${target.share} or less` },
      ['credits', 0, 'below'],
    );
});

/** Measures that are counted by slice in the minutes that their detectors see. */
const SLICED_MEASURES: readonly MeasureConfig['type'][] = [
  'availability',
  'latency',
  'time_to_first_token',
  'cost',
  'guardrail',
];
const hasSlices = (measure: MeasureConfig): boolean =>
  SLICED_MEASURES.includes(measure.type) && !(measure.type === 'cost' && measure.perDay !== null);
const OUTCOMES: readonly string[] = ['error_class', 'finish_class'];

/** Cost has its limit in the measure; a target beside it says how large a share must keep to it. */
const needsTarget = ({ type }: MeasureConfig): boolean => type !== 'drift' && type !== 'cost' && type !== 'parity';
const mostBad = (measure: MeasureConfig): number =>
  measure.type === 'satisfaction' && measure.responseRate ? Q0_MAX_RESPONSES : Q0_MAX;
const hasBurnRate = ({ type }: MeasureConfig): boolean => type !== 'drift' && type !== 'parity' && type !== 'composite';

/** A promise about one measure of one service. */
export const Objective = map({ ...frame('Objective'), metadata, spec }).transform(({ metadata, spec }) => ({
  ...metadata,
  ...spec,
}));
export type Objective = z.output<typeof Objective>;
