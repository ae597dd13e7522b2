import type { z } from 'zod';
import { MINUTE_MS, type Millis } from '../time.ts';
import { map } from './document.ts';
import { duration, label, list, maybe, whole } from './fields.ts';

/** How long a level has to acknowledge where it does not say; the last for all that follow. */
const ACK_TIMEOUTS: readonly Millis[] = [15 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS];

const level = map({
  /** Who is told, by the names of sinks. */
  sinks: list(label).min(1, 'expected one sink or more'),
  /** From when one of them took the news. */
  ackTimeout: maybe(duration('1m', '7d')),
  /** How often it is told again before the next one is. */
  repeat: whole(0, 10).default(0),
});

/** Who is told, one after the other, until somebody acknowledges. */
export const escalationPolicy = map({
  name: label,
  levels: list(level).min(1, 'expected one level or more'),
  /** Less urgent ones (P3 to P5) are told while this schedule is open. */
  quietOutside: maybe(label),
}).transform(({ levels, ...policy }) => ({
  ...policy,
  levels: levels.map(({ ackTimeout, ...one }, i) => ({
    ...one,
    ackTimeoutMs: ackTimeout ?? ACK_TIMEOUTS[Math.min(i, ACK_TIMEOUTS.length - 1)]!,
  })),
}));
export type EscalationPolicyConfig = z.output<typeof escalationPolicy>;
