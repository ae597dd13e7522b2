import type { Code } from '../model/dictionary.ts';
import type { Minute } from '../model/time.ts';

/** What calls depend on, as it is stored. */
export interface Dependency {
  readonly code: Code;
  readonly kind: string;
  readonly provider: Code;
  readonly name: Code;
}

/**
 * Where several writers number what they see first, the store says which number it is: asked inside the caller's transaction,
 * and nobody else gives one until that ends. What a transaction that fails was told is void.
 */
export interface SharedNames {
  /** A value of a slice that is not known here. @returns the values that are known now, this one among them unless `max` are */
  admit(service: Code, dimension: Code, value: Code, minute: Minute, max: number): readonly Code[];
  /** All dependencies that are known now, this one among them unless `max` are. */
  number(kind: string, provider: Code, name: Code, max: number): readonly Dependency[];
  /** Names that are told once: they may be stored already. */
  storeTexts(first: Code, texts: readonly string[]): void;
}
