import type { MeasureOf } from '../model/config/measure.ts';
import type { MeasureDefinition, MeasureSources } from './definition.ts';
import { NO_EVENTS } from './events.ts';

/** What other objectives attain, put together. */
export const compositeMeasure: MeasureDefinition<'composite'> = {
  read: (measure, sources) => ({
    judgedBy: 'report',
    events: NO_EVENTS,
    subject: null,
    method: measure.rule,
    codes: [],
    composition: { rule: measure.rule, members: measure.of },
    incidentsBy: detectorsOf([...detectingIn(measure, sources)]),
  }),
  isReport: () => true,
  variantOf: ({ name }) => name,
};

/** Names of the objectives with detectors of their own that a composite is made of, through all composites in it. */
function* detectingIn(
  { of }: MeasureOf<'composite'>,
  sources: MeasureSources,
  seen = new Set<string>(),
): Generator<string> {
  for (const { objective: name } of of) {
    if (seen.has(name)) continue;
    seen.add(name);
    const found = sources.objectiveNamed(name);
    if (found?.measure.type === 'composite') yield* detectingIn(found.measure, sources, seen);
    else if (found !== undefined && !sources.isReport(found)) yield name;
  }
}

const detectorsOf = (names: readonly string[]): string =>
  names.length === 0 ? 'none of its parts: they are reports themselves' : `the detectors of ${names.join(', ')}`;
