import type { Objective } from '../../model/config/objective.ts';
import type { Service } from '../../model/config/service.ts';

/**
 * Why an objective can't be judged by the traffic that a scenario can tell: answers, how long they took, how they failed, and what was
 * said of them. Null: it can. @param service  that it is of
 */
export function unplayable({ name, measure }: Objective, service: Service | undefined): string | null {
  switch (measure.type) {
    case 'parity':
      return `${name} compares the values of ${measure.dimension}, and the traffic of a scenario has no slices`;
    case 'drift':
      return measure.feature === 'duration' || service?.evaluations[measure.feature] !== undefined
        ? null
        : `${name} is about drift of ${measure.feature}, which the traffic of a scenario does not have`;
    case 'time_to_first_token':
    case 'cost':
    case 'escalation':
    case 'guardrail':
    case 'trust':
      return `${name} measures ${measure.type}, which the traffic of a scenario does not have`;
    case 'relevance':
      return measure.evaluation === null
        ? `${name} measures relevance by ${measure.reask ? 'who asks again' : 'rankings'}, which the traffic of a scenario does not have`
        : null;
    case 'accuracy':
      return measure.judge !== null || measure.confidence !== undefined
        ? `${name} reads a label and a score of the same answer together, and the traffic of a scenario tells each by itself`
        : null;
    default:
      return null;
  }
}

/** What can be told instead. */
export const PLAYABLE_HINT =
  'availability, latency, satisfaction, accuracy by labels or by scores and relevance by scores can be played, and drift of duration or of an evaluation that another objective here is about; of all else use backtest';

/** The names of the objectives that one is made of, in all depths; none where it is not. */
export function* membersOf({ measure }: Objective, objectives: readonly Objective[]): Generator<string> {
  if (measure.type !== 'composite') return;
  for (const { objective: name } of measure.of) {
    yield name;
    const one = objectives.find((objective) => objective.name === name);
    if (one !== undefined) yield* membersOf(one, objectives);
  }
}
