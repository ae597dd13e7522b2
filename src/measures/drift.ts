import { type MeasureDefinition, type MeasureReading, type MeasureSources, UNSEEN } from './definition.ts';
import { categoriesTogether, category, duration, scoresOf, tokens } from './drift-features.ts';
import { NO_EVENTS } from './events.ts';

/** Of tokens, of durations, of the scores of an evaluation, or of the values of a slice dimension. */
export const driftMeasure: MeasureDefinition<'drift'> = {
  read: ({ feature }, sources) => ({ judgedBy: 'drift', events: NO_EVENTS, ...featureOf(feature, sources) }),
};

function featureOf(
  name: string,
  { service, newest, scoreBins, codeOf }: MeasureSources,
): Pick<MeasureReading, 'feature' | 'slices' | 'codes' | 'method' | 'subject'> {
  const ofSpans = { subject: name, method: 'spans', codes: [] };
  switch (name) {
    case 'input_tokens':
    case 'output_tokens':
      return { feature: tokens(name), ...ofSpans };
    case 'duration':
      return { feature: duration, ...ofSpans };
  }
  if (service.evaluations[name] === undefined)
    return { feature: category, slices: { dimension: codeOf(name), together: categoriesTogether }, ...ofSpans };
  const known = newest(name, null);
  const bins = known === null ? [] : scoreBins(known);
  return { feature: scoresOf(bins), subject: name, method: 'evaluator', codes: [known?.code ?? UNSEEN] };
}
