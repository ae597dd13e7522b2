import type { Incident } from '../model/incident.ts';
import { type Flags, NO_FLAGS } from './category-rules.ts';

/** Kinds of failures that can harm people, whoever they are. */
const HARMFUL = /^ai\.(bias|harmful_content|privacy|security|agency)\./;
/** Flags `unsafe` that make a candidate of an incident of any service. */
const UNSAFE_MIN = 3;

/** Nothing has said yet that it may be one, and nobody has judged it. */
export const isUnsuspected = ({ flags, classifiedBy }: Pick<Incident, 'flags' | 'classifiedBy'>): boolean =>
  classifiedBy === null && !flags.includes('serious_candidate');

/**
 * Why an incident may be a serious one, in words; null: nothing says so. Rules, and no judgement: whether it is one a named person
 * decides, and what people have written is not read, for it is not kept.
 * @param flags  of the answers since the onset
 */
export function seriousBecause(
  { category, breaches, highRisk }: Pick<Incident, 'category' | 'breaches' | 'highRisk'>,
  flags: Flags = NO_FLAGS,
): string | null {
  const harmful = [category, ...breaches.map((breach) => breach.category)].find((one) => HARMFUL.test(one));
  if (highRisk && harmful !== undefined) return `${harmful} in a service of a high risk class`;
  if (highRisk && flags.unsafe + flags.biased > 0)
    return 'people flagged answers of a service of a high risk class as unsafe or biased';
  if (flags.unsafe >= UNSAFE_MIN) return `people flagged ${flags.unsafe} answers as unsafe`;
  return null;
}
