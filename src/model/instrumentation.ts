import type { Millis } from './time.ts';

/** A library whose AI spans arrived: the scope that it names itself by. */
export interface SeenInstrumentation {
  readonly scope: string;
  /** `''` when it names none. */
  readonly version: string;
  readonly lastSeen: Millis;
}
