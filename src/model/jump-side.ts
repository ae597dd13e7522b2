import type { SuspectChange } from './incident.ts';

/** One side of a jump, as a change has it: `openai/gpt-4o: median 1600 ms`. */
export const jumpSide = (model: string, name: string, value: string, unit: string): string =>
  `${model}: ${name} ${value} ${unit}`;

/** The model whose calls have jumped, where a change is what was seen of that: nothing that somebody could go back to. */
export function jumpedModel({
  origin,
  before,
  after,
}: Pick<SuspectChange, 'origin' | 'before' | 'after'>): string | null {
  if (origin !== 'observed' || before === null || after === null) return null;
  const [from, to] = [before, after].map((side) => /^(.+): (?:median|p95|mean) \S+ (?:ms|tokens)$/s.exec(side)?.[1]);
  return from !== undefined && from === to ? from : null;
}
