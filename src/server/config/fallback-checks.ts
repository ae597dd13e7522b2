import type { SinkConfig } from '../../model/config/sink.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import type { CrossProblem } from './cross-checks.ts';
import { suggestion } from './nearest.ts';

/** Who stands in for a sink, by its name; null: nobody. */
export const fallbackIn = (sinks: readonly SinkConfig[], name: string): string | null => {
  const sink = sinks.find((one) => one.name === name);
  return sink !== undefined && 'fallback' in sink ? sink.fallback : null;
};

/** A stand-in is there, tells people, and needs none itself. */
export function fallbackProblems(sinks: readonly SinkConfig[]): CrossProblem[] {
  return sinks.flatMap(({ name }, i): CrossProblem[] => {
    const fallback = fallbackIn(sinks, name);
    if (fallback === null) return [];
    const path = ['spec', 'sinks', i, 'fallback'];
    const found = sinks.find((one) => one.name === fallback);
    if (found === undefined) {
      const names = sinks.map((one) => one.name).filter((one) => one !== name);
      const message = `no sink is named ${fallback}`;
      return [{ path, message, hint: suggestion(fallback, names), code: 'PLIM_CONFIG_UNKNOWN_NAME' }];
    }
    const kind = sinkTypes[found.type].class;
    const message =
      fallback === name
        ? 'a sink does not stand in for itself'
        : kind !== 'page' && kind !== 'chat'
          ? `a sink of type ${found.type} tells no people`
          : fallbackIn(sinks, fallback) !== null
            ? `${fallback} has a fallback itself: which of them would be told?`
            : null;
    if (message === null) return [];
    return [{ path, message, hint: 'name a sink that pages or writes to people', code: 'PLIM_CONFIG_INVALID_VALUE' }];
  });
}
