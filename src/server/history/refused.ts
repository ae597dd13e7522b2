import { RefusedPoint } from '../../sinks/influx/line.ts';

/** Told of points that line protocol can't hold: they are written nowhere. */
export type OnRefused = (reason: string) => void;

/** What is made, or why line protocol can't hold it. */
export function refusable<T>(make: () => T): T | RefusedPoint {
  try {
    return make();
  } catch (error) {
    if (error instanceof RefusedPoint) return error;
    throw error;
  }
}

/** The same where the reason is told; null: line protocol can't hold it. */
export function unlessRefused<T>(onRefused: OnRefused, make: () => T): T | null {
  const made = refusable(make);
  if (!(made instanceof RefusedPoint)) return made;
  onRefused(made.message);
  return null;
}
