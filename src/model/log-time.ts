import type { Millis } from './time.ts';

/** When something happens by the log of a record: clocks of several processes differ, and go back; the log doesn't. @param now  clock, ms */
export const logTime = ({ timeline }: { readonly timeline: readonly { readonly at: Millis }[] }, now: Millis): Millis =>
  Math.max(now, timeline.at(-1)?.at ?? now);
