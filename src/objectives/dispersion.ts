import { requireCount, requireWithin } from '../model/numbers.ts';

/** Sums over the non-empty minutes of the last seven in-control days (minutes of incidents left out). */
export interface DispersionSums {
  readonly minutes: number;
  readonly n: number;
  readonly bad: number;
  /** Sum over minutes of bad^2 / n. */
  readonly squares: number;
  /** Of losses in [0, 1], sum of their squares; absent where events are bad or not. */
  readonly lossSquares?: number;
}

export const NO_MINUTES: DispersionSums = { minutes: 0, n: 0, bad: 0, squares: 0 };

/** One more minute; empty ones change nothing. @param lossSquares  of losses in [0, 1], `bad` then is their sum */
export function withMinute(sums: DispersionSums, n: number, bad: number, lossSquares?: number): DispersionSums {
  requireWithin('bad', bad, 'n', n);
  if (n === 0) return sums;
  return {
    minutes: sums.minutes + 1,
    n: sums.n + n,
    bad: sums.bad + bad,
    squares: sums.squares + (bad * bad) / n,
    ...(lossSquares === undefined ? {} : { lossSquares: (sums.lossSquares ?? 0) + lossSquares }),
  };
}

/** Of the minutes of both. */
export const addSums = (a: DispersionSums, b: DispersionSums): DispersionSums => ({
  minutes: a.minutes + b.minutes,
  n: a.n + b.n,
  bad: a.bad + b.bad,
  squares: a.squares + b.squares,
  ...(a.lossSquares === undefined && b.lossSquares === undefined
    ? {}
    : { lossSquares: (a.lossSquares ?? 0) + (b.lossSquares ?? 0) }),
});

/** How much more the bad events of a minute vary than those of independent events, and what follows from it. */
export interface Dispersion {
  /** 1 for independent events; null while it is not known. */
  readonly phiHat: number | null;
  /** Tempering of the detectors' event part; null turns it off. */
  readonly detectorPhi: number | null;
  /** Tempering of the recovery rule, 3 while it is not known. */
  readonly recoveryPhi: number;
}

/** Non-empty minutes in control from which on it is known how events vary. */
export const MINUTES_NEEDED = 1000;
const BAD_NEEDED = 20;
const INDEPENDENT = 1.05;
const LARGEST_KNOWN_SMALL = 1.5;
const MARGIN = 1.25;
const UNKNOWN_RECOVERY = 3;
/** Below it a variance is what rounding left. */
const VARIANCE_MIN = 1e-9;
const ROUNDING = 1e-9;

/** Tempering by a dispersion that is known. */
const tempering = (phiHat: number): number => (phiHat <= INDEPENDENT ? 1 : MARGIN * phiHat);

/** The same of a detector's event part; null turns it off: a likelihood ratio of events that come in batches cries wolf. */
export const eventTempering = (phiHat: number): number | null =>
  phiHat <= LARGEST_KNOWN_SMALL ? tempering(phiHat) : null;

/**
 * Pearson's dispersion: sum of (b - n p)^2 / (n p (1-p)) over the minutes, divided by their number less one. The event part is
 * used only where it is known and small, because a likelihood ratio of correlated events cries wolf: at a correlation of 0.02 and 100 events
 * a minute 73 to 160 times in 30 days where once is allowed.
 * Of losses the variance of the single ones is in the place of p (1-p): it is smaller, and so is the correlation that would do harm.
 * @see McCullagh, Nelder (1989), Generalized Linear Models, sec. 4.5
 */
export function dispersion({ minutes, n, bad, squares, lossSquares }: DispersionSums): Dispersion {
  requireCount('minutes', minutes);
  requireWithin('bad', bad, 'n', n);
  // Of each minute bad^2/n, which is at most bad.
  requireWithin('squares', squares, 'bad', bad * (1 + ROUNDING));
  if (minutes < MINUTES_NEEDED || bad < BAD_NEEDED || bad === n)
    return { phiHat: null, detectorPhi: null, recoveryPhi: UNKNOWN_RECOVERY };
  const p = bad / n;
  const variance = lossSquares === undefined ? p * (1 - p) : lossSquares / n - p * p;
  // All losses are the same: how they vary is not known.
  if (!(variance > VARIANCE_MIN)) return { phiHat: null, detectorPhi: null, recoveryPhi: UNKNOWN_RECOVERY };
  const phiHat = Math.max(0, squares - 2 * p * bad + p * p * n) / variance / (minutes - 1);
  return { phiHat, detectorPhi: eventTempering(phiHat), recoveryPhi: tempering(phiHat) };
}
