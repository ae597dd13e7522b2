import type { ComponentKind, SeenComponent } from '../catalog/seen-component.ts';
import { availability } from '../measures/availability.ts';
import { type Code, codeOfKnown, type Dictionary, OTHER } from '../model/dictionary.ts';
import { millisOfMinute } from '../model/time.ts';
import type { Reader } from '../store/reader.ts';
import { dependencyCalls } from '../store/sqlite/dependency-calls.ts';
import { EVENT_CLOCK } from '../tally/book.ts';

const COUNTED = availability();

/** What a call of each kind is a call of; of others nothing is part of the service. */
export const CALLED: Readonly<Record<string, Exclude<ComponentKind, 'prompt' | 'prompt_version'>>> = {
  model: 'model',
  rerank: 'model',
  tool: 'tool',
  retrieval: 'vector_store',
  agent: 'agent',
  guardrail: 'guardrail',
};

const SLICED: Readonly<Record<string, ComponentKind>> = {
  prompt_name: 'prompt',
  prompt_version: 'prompt_version',
  agent: 'agent',
};

/** What the telemetry of a service shows that it is made of. @param from, to  hours since 1970, both inclusive */
export function componentsSeen(
  reader: Reader,
  dictionary: Dictionary,
  service: Code,
  from: number,
  to: number,
): SeenComponent[] {
  const seen = new Map<string, SeenComponent>();
  const add = (kind: ComponentKind, provider: Code, name: Code, first: number | undefined, lastDay: number): void => {
    if (name === 0 || name === OTHER || lastDay === 0) return;
    const key = `${kind} ${provider} ${name}`;
    const known = seen.get(key);
    const firstSeen = first === undefined ? null : millisOfMinute(first);
    seen.set(key, {
      kind,
      provider: dictionary.textOrNull(provider),
      name: dictionary.text(name),
      firstSeen: known === undefined ? firstSeen : earlier(known.firstSeen, firstSeen),
      // An agent is known from its own interactions, and from calls of it by others: the same work, counted at both ends.
      lastDay: Math.max(known?.lastDay ?? 0, lastDay),
      traces: [],
    });
  };
  const firsts = reader.firstsOf(service, codeOfKnown('dependency'));
  for (const { code, kind, provider, name, tally } of dependencyCalls(reader, 'hour', [service], from, to)) {
    const called = CALLED[kind ?? ''];
    if (called !== undefined) add(called, provider, name, firsts.get(code), COUNTED.eventsOf(tally).n);
  }
  for (const [dimension, kind] of Object.entries(SLICED)) {
    const code = dictionary.code(dimension);
    const since = reader.firstsOf(service, code);
    if (since.size === 0) continue;
    const counts = new Map<Code, number>();
    for (const { value, tally } of reader.slicesOf('hour', EVENT_CLOCK, service, code, from, to))
      counts.set(value, (counts.get(value) ?? 0) + COUNTED.eventsOf(tally).n);
    for (const [value, n] of counts) add(kind, 0, value, since.get(value), n);
  }
  return [...seen.values()];
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
