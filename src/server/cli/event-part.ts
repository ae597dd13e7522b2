import { addSums, dispersion, NO_MINUTES } from '../../objectives/dispersion.ts';
import type { WatchState } from '../../objectives/objective-watch.ts';

/**
 * Whether the sequential test counts single events, too: only where the days before have shown that they hardly depend on each
 * other. `unknown`: nobody has judged the objective yet, so it will begin as a new one.
 */
export type EventPart =
  | { readonly state: 'on'; readonly phi: number }
  | { readonly state: 'new'; readonly minutes: number; readonly bad: number }
  | { readonly state: 'overdispersed'; readonly phi: number }
  | { readonly state: 'unknown' };

/** What the days in control are known to be, and so what holds today. */
export function eventPartOf(state: WatchState | null): EventPart {
  const sequential = state?.sequential ?? null;
  if (sequential === null) return { state: 'unknown' };
  const { phi } = sequential.ticket;
  if (phi !== null) return { state: 'on', phi };
  const sums = sequential.days.map((day) => day.sums).reduce(addSums, NO_MINUTES);
  const { phiHat } = dispersion(sums);
  if (phiHat !== null) return { state: 'overdispersed', phi: phiHat };
  const { minutes, bad } = addSums(sums, sequential.today);
  return { state: 'new', minutes, bad };
}
