import type { MeasureOf } from '../model/config/measure.ts';
import { codeOfKnown } from '../model/dictionary.ts';
import { markKey, pairKey } from '../model/names.ts';
import { accuracyFromConfidence } from './confidence-accuracy.ts';
import { type MeasureDefinition, type MeasureReading, type MeasureSources, UNSEEN } from './definition.ts';
import { evaluated } from './evaluated.ts';
import { NO_EVENTS } from './events.ts';
import { judgedAccuracy } from './judged-accuracy.ts';
import { labelled, labelMethod, variantOfLabels } from './labelled.ts';

const RESPONSE_MODEL = codeOfKnown('response_model');

/** By labels; by labels drawn at random with a judge of the rest; without labels, from stated confidence; or by scores. */
export const accuracyMeasure: MeasureDefinition<'accuracy'> = {
  read: (measure, sources) => {
    const { label, judge, confidence } = measure;
    if (label === null) return byScores(measure, sources);
    if (judge !== null) return withJudge(label, judge, measure.strata, sources);
    if (confidence !== undefined) return fromConfidence(label, confidence, sources);
    const { sampling, codes } = sources.labelsOf(label, measure.sampling);
    return { events: labelled(codes), subject: label, method: labelMethod(sampling), codes };
  },
  isReport: ({ confidence }) => confidence !== undefined,
  variantOf: ({ measure }, method, { evaluations }) => {
    const ofVolunteers = variantOfLabels(method);
    if (ofVolunteers !== undefined) return ofVolunteers;
    if (measure.confidence !== undefined) return `from ${measure.confidence}`;
    if (measure.judge !== null)
      return [`with ${measure.judge}`, measure.strata].filter((part) => part !== undefined).join(' by ');
    const { pass } = measure;
    const usual = evaluations[measure.evaluation ?? '']?.pass ?? null;
    const isUsual = pass === null || (pass.op === usual?.op && pass.value === usual.value);
    const own = isUsual ? [] : [`${pass.op} ${pass.value}`];
    return [...own, ...versionOf(measure.evaluatorVersion)].join(' ') || undefined;
  },
};

/** In words, where one is pinned. */
export const versionOf = (pinned: string | null): string[] => (pinned === null ? [] : [`version ${pinned}`]);

/** By labels drawn at random, with a judge of the rest. */
function withJudge(
  label: string,
  judge: string,
  strata: string | undefined,
  { labelsNamed, newest, codeOf }: MeasureSources,
): MeasureReading {
  const labels = labelsNamed(label, 'random');
  const known = newest(judge, null);
  const codes = known === null ? ([UNSEEN, UNSEEN] as const) : ([known.code, codeOf(pairKey(label, known))] as const);
  return {
    events: labelled(labels),
    estimator: judgedAccuracy({
      labels,
      judge: codes[0],
      pair: codes[1],
      evaluator: known?.evaluator ?? null,
      strata: strata === undefined ? null : codeOf(strata),
    }),
    subject: label,
    method: 'ppi',
    proxy: false,
    codes: [...labels, ...codes],
  };
}

/** Without labels, from stated confidence. */
function fromConfidence(label: string, confidence: string, { newest, confidenceBins }: MeasureSources): MeasureReading {
  const known = newest(confidence, null);
  const bins = known === null ? [] : confidenceBins(label, 'random', known);
  return {
    judgedBy: 'report',
    events: NO_EVENTS,
    estimator: accuracyFromConfidence(bins, RESPONSE_MODEL),
    subject: label,
    method: 'cbpe',
    proxy: true,
    incidentsBy: 'objectives on labels: what is estimated without them opens none',
    codes: bins,
  };
}

function byScores(
  { evaluation, evaluatorVersion, pass }: MeasureOf<'accuracy'>,
  { newest, service, codeOf }: MeasureSources,
): MeasureReading {
  const name = evaluation!;
  const mark = pass ?? service.evaluations[name]?.pass ?? null;
  const known = newest(name, evaluatorVersion);
  const codes =
    known === null || mark === null
      ? ([UNSEEN, UNSEEN] as const)
      : ([known.code, codeOf(markKey(known, mark))] as const);
  return { events: evaluated(...codes), subject: name, method: 'evaluator', codes };
}
