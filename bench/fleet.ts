// The services and objectives of the benchmarks of ticks and scrapes.
import type { Objective } from '../src/model/config/objective.ts';
import type { Service } from '../src/model/config/service.ts';
import { objective, service } from '../test/server/world.ts';

const EACH = 4;

export interface Fleet {
  readonly names: readonly string[];
  readonly services: readonly Service[];
  readonly objectives: readonly Objective[];
}

/** Four objectives a service: all have a ticket and a page detector, one the four burn-rate tiers beside, and one is judged by scores. */
export function fleet(objectives: number, windowDays: number): Fleet {
  const names = Array.from({ length: objectives / EACH }, (_, i) => `service-${i}`);
  return {
    names,
    services: names.map((name) =>
      service(name, { evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } } }),
    ),
    objectives: names.flatMap((name) => promises(name, windowDays)),
  };
}

function promises(name: string, windowDays: number): Objective[] {
  const window = { rolling: `${windowDays}d` };
  return [
    { measure: { type: 'availability' }, target: 0.99 },
    { measure: { type: 'availability' }, target: 0.995, alert: { detector: 'both' } },
    { measure: { type: 'latency', threshold: '2s' }, target: 0.95 },
    { measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' }, target: 0.9 },
  ].map((spec, i) => objective(`${name}-${i}`, { service: name, window, ...spec }));
}

/** A quantile of times, as text. */
export function at(list: readonly number[], share: number): string {
  return list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))]!.toFixed(1);
}
