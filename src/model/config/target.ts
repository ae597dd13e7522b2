import { z } from 'zod';
import { refuse } from './fields.ts';

/** Bad shares that a detector can watch: fewer than one in a hundred thousand is never seen, more than half is no promise. */
export const Q0_MIN = 1e-5;
export const Q0_MAX = 0.5;
/** Few people rate what they are answered: that they are still as many is watched from one in a hundred on. */
export const Q0_MAX_RESPONSES = 0.99;
const PPM = 1_000_000;
/** Rounding of decimal fractions in binary, in parts per million. */
const ROUNDING = 1e-6;

/** The share of good events that an objective asks for. */
export interface Target {
  /** In [0.5, 0.99999]; of a response rate in [0.01, 0.99999]. */
  readonly share: number;
  /** The same in parts per million where that is a whole number, else null. */
  readonly ppm: number | null;
  /** The budgeted bad share, 1 - share without the error of the subtraction; in [1e-5, 0.5], or to 0.99. */
  readonly q0: number;
}

export function targetOf(share: number): Target {
  const ppm = Math.round(share * PPM);
  const exact = Math.abs(share * PPM - ppm) < ROUNDING;
  return { share, ppm: exact ? ppm : null, q0: exact ? (PPM - ppm) / PPM : 1 - share };
}

const EXPECTED = 'expected a share between 0 and 1, like 0.99';

export const target = z.number({ error: EXPECTED }).transform((share, context): Target => {
  if (share > 1 && share < 100)
    return refuse(context, EXPECTED, { hint: `write ${Number((share / 100).toPrecision(12))} for ${share} %` });
  if (!(share > 0 && share < 1))
    return refuse(context, EXPECTED, share === 1 || share === 100 ? { hint: HINT_ALL } : {});
  const result = targetOf(share);
  if (result.q0 < Q0_MIN) return refuse(context, 'a target is at most 0.99999', { hint: 'write 0.99999' });
  return result;
});
const HINT_ALL = 'a promise without exception has no error budget: write 0.99999 or less';
