import type { EscalationPolicyConfig } from '../model/config/escalation.ts';
import type { SinkClass } from '../model/delivery.ts';
import type { EscalationCall } from '../model/escalation.ts';
import type { Millis } from '../model/time.ts';
import type { Hours } from './hours.ts';

/** A destination, as far as a policy looks at it. */
export interface EscalationSink {
  readonly class: SinkClass;
  /** It has rotas and levels of its own, and calls the next person by itself. */
  readonly escalatesItself: boolean;
  /** Who is told in its place. */
  readonly fallback: string | null;
}

/** People who are told together, and how long they have. */
export interface EscalationStep {
  readonly kind: EscalationCall['kind'];
  /** From 1; of a fallback that of the level it stands behind. */
  readonly level: number;
  /** Empty for the owner, who is another one for each service. */
  readonly sinks: readonly string[];
  readonly timeoutMs: Millis;
}

export interface EscalationPolicy {
  readonly name: string;
  /** In this order, each when the one before it has not acknowledged. */
  readonly steps: readonly EscalationStep[];
  /** Null: there are no quiet hours. */
  readonly quietOutside: Hours | null;
}

/**
 * The levels of a policy one after the other, all of them once more, and then the owner of the service. A tool that escalates
 * by itself is told once; then its fallback is, nobody else is paged, and nothing is told a second time: two that page for one
 * incident wake people twice.
 */
export function stepsOf(
  levels: EscalationPolicyConfig['levels'],
  sinks: ReadonlyMap<string, EscalationSink>,
): EscalationStep[] {
  const round: EscalationStep[] = [];
  let isOwned = false;
  for (const [i, { sinks: named, ackTimeoutMs: timeoutMs, repeat }] of levels.entries()) {
    const told = named.filter((name) => !isOwned || sinks.get(name)?.class !== 'page');
    if (told.length === 0) continue;
    const owners = told.filter((name) => sinks.get(name)?.escalatesItself === true);
    isOwned ||= owners.length > 0;
    const step = { level: i + 1, timeoutMs };
    for (let time = 0; time <= (isOwned ? 0 : repeat); time++) round.push({ kind: 'level', ...step, sinks: told });
    const fallbacks = [...new Set(owners.map((name) => sinks.get(name)?.fallback ?? null))].filter(
      (name) => name !== null && !told.includes(name),
    ) as string[];
    if (fallbacks.length > 0) round.push({ kind: 'fallback', ...step, sinks: fallbacks });
  }
  const owner = { kind: 'owner', level: levels.length + 1, sinks: [], timeoutMs: 0 } as const;
  return [...round, ...(isOwned ? [] : round), owner];
}
