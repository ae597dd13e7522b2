import { availability } from '../../measures/availability.ts';
import { represented } from '../../measures/sampling.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { dependencyCalls } from '../../store/sqlite/dependency-calls.ts';

const MINUTES = 60;
const OTHER = 'other';
const CALLS = availability();

/** What a service called in the hour that ends with `horizon`; of sampled traces as many calls as they stand for. */
export interface CalledDependency {
  readonly kind: string;
  /** `openai/gpt-4o-mini`, or what a tool is called. */
  readonly name: string;
  readonly n: number;
  readonly failed: number;
}

/** `openai/gpt-4o-mini`, or what a tool is called. */
export const dependencyName = (dictionary: Dictionary, provider: Code, name: Code): string =>
  [provider, name].flatMap((code) => dictionary.textOrNull(code) ?? []).join('/') || OTHER;

export function calledDependencies(
  reader: Reader,
  dictionary: Dictionary,
  service: Code,
  horizon: Minute,
): CalledDependency[] {
  return dependencyCalls(reader, 'minute', [service], horizon - MINUTES + 1, horizon).flatMap((one) => {
    const { n, bad } = represented(CALLS.eventsOf(one.tally));
    if (n === 0) return [];
    return [{ kind: one.kind ?? OTHER, name: dependencyName(dictionary, one.provider, one.name), n, failed: bad }];
  });
}
