import type { CompositeRule, Composition } from '../measures/definition.ts';
import type { EstimateParts } from '../measures/estimator.ts';
import { type Interval, LEVEL } from '../measures/interval.ts';
import { type Estimate, isOutOf100 } from '../model/estimate.ts';
import type { Minute } from '../model/time.ts';
import { composite } from './composite.ts';
import type { Objective } from './objective.ts';
import { named, type Reading, report } from './reading.ts';

/** A member as it was read at the same minute; null where it was not. */
export interface MemberReading {
  readonly objective: string;
  readonly weight: number;
  readonly estimate: Estimate | null;
  readonly lastHour: Estimate | null;
}

/** A member as a share. */
interface Part extends Interval {
  readonly value: number;
  readonly weight: number;
}

function partOf(weight: number, estimate: Estimate | null): Part | null {
  if (estimate === null || estimate.value === null) return null;
  const { value, low, high } = estimate;
  const scale = isOutOf100(estimate) ? 100 : 1;
  return { weight, value: value / scale, low: (low ?? value) / scale, high: (high ?? value) / scale };
}

/**
 * Several estimates as one. Members without a value are left out and named; more than a quarter of the weight without one, and the whole
 * has none. The interval follows from those of the members, taken as independent.
 */
export function composedParts(
  members: readonly MemberReading[],
  rule: CompositeRule,
  estimateOf: (member: MemberReading) => Estimate | null = ({ estimate }) => estimate,
): EstimateParts {
  const read = members.map((member) => {
    const estimate = estimateOf(member);
    return { ...member, n: estimate?.n ?? 0, part: partOf(member.weight, estimate) };
  });
  const parts = read.flatMap(({ part }) => part ?? []);
  const value = composite(
    read.map(({ weight, part }) => ({ weight, value: part?.value ?? null })),
    rule,
  );
  const missing = read.filter(({ part }) => part === null).map(({ objective }) => objective);
  const known = {
    level: LEVEL,
    n: read.reduce((sum, { n }) => sum + n, 0),
    coverage: null,
    maturity: null,
    ...(missing.length === 0 ? {} : { why: `without ${missing.join(', ')}: not known yet` }),
  };
  if (value === null) {
    const status = parts.length === 0 ? 'undefined' : 'insufficient';
    return { ...known, value: null, low: null, high: null, status };
  }
  const { low, high } = intervalOf(parts, value, rule);
  return { ...known, value, low, high, status: 'ok' };
}

/**
 * MOVER for a weighted sum, and for a product by its logarithm; of the worst the worst ends, which covers by the union bound only.
 * @see Zou, Donner (2008), Stat. Med. 27:1693-1702
 */
function intervalOf(parts: readonly Part[], value: number, rule: CompositeRule): Interval {
  if (rule === 'worst')
    return { low: Math.min(...parts.map(({ low }) => low)), high: Math.min(...parts.map(({ high }) => high)) };
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const distance = (of: (part: Part) => number): number => Math.hypot(...parts.map(of));
  if (rule === 'weighted')
    return clipped(
      value - distance((part) => (part.weight / weight) * (part.value - part.low)),
      value + distance((part) => (part.weight / weight) * (part.high - part.value)),
    );
  if (value === 0) return { low: 0, high: parts.reduce((product, { high }) => product * high, 1) };
  return clipped(
    value * Math.exp(-distance((part) => Math.log(part.value / part.low))),
    value * Math.exp(distance((part) => Math.log(part.high / part.value))),
  );
}

const clipped = (low: number, high: number): Interval => ({
  low: Number.isNaN(low) ? 0 : Math.min(1, Math.max(0, low)),
  high: Math.min(1, Math.max(0, high)),
});

/** What a composite says, from what its members say at the same minute. */
export function readComposite(
  objective: Objective,
  { rule }: Composition,
  minute: Minute,
  members: readonly MemberReading[],
): Reading {
  const { estimate, why } = named(objective, objective.window.startOf(minute), minute, composedParts(members, rule));
  const hour = composedParts(members, rule, ({ lastHour }) => lastHour);
  return report(objective, minute, estimate, why, named(objective, minute - 59, minute, hour).estimate);
}

/**
 * Names in an order in which each comes after all that it is made of.
 * @returns null with the names of a circle in `circle` where there is one
 */
export function inOrder(
  compositions: ReadonlyMap<string, Composition>,
): { readonly order: readonly string[]; readonly circle: null } | { readonly order: null; readonly circle: string[] } {
  const order: string[] = [];
  const path: string[] = [];
  const visit = (name: string): string[] | null => {
    const composition = compositions.get(name);
    if (composition === undefined || order.includes(name)) return null;
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    path.push(name);
    for (const { objective } of composition.members) {
      const circle = visit(objective);
      if (circle !== null) return circle;
    }
    path.pop();
    order.push(name);
    return null;
  };
  for (const name of compositions.keys()) {
    const circle = visit(name);
    if (circle !== null) return { order: null, circle };
  }
  return { order, circle: null };
}
