import type { CompositeRule } from '../measures/definition.ts';
import { requireShare } from '../model/numbers.ts';

export interface CompositeMember {
  /** Attainment in [0, 1]; null is undefined and left out. */
  readonly value: number | null;
  readonly weight: number;
}

/** Members without a value may carry this share of the weight; beyond it the whole is undefined too. */
const UNDEFINED_MAX = 0.25;

/** The attainment of an objective made of others. @returns null when it is undefined */
export function composite(members: readonly CompositeMember[], rule: CompositeRule): number | null {
  let total = 0;
  let weight = 0;
  const values: number[] = [];
  let weighted = 0;
  for (const member of members) {
    if (!(member.weight > 0 && member.weight < Infinity))
      throw new RangeError(`a member's weight is ${member.weight}, it must be positive and finite`);
    total += member.weight;
    if (member.value === null) continue;
    requireShare('a member', member.value);
    weight += member.weight;
    weighted += member.weight * member.value;
    values.push(member.value);
  }
  if (total === Infinity) throw new RangeError('the weights of the members sum to more than a number can hold');
  if (values.length === 0 || total - weight > UNDEFINED_MAX * total) return null;
  if (rule === 'weighted') return Math.min(1, weighted / weight);
  return rule === 'serial' ? values.reduce((product, value) => product * value, 1) : Math.min(...values);
}
