import type { Code } from '../../src/model/dictionary.ts';
import type { ServiceIdentity } from '../../src/model/span.ts';

/** Attributes of a service's own that its file declares. */
export interface ServiceAttributes {
  /** From attribute keys to the dimensions that their values are slices of. */
  readonly slices: ReadonlyMap<string, Code>;
  /** The attribute that holds the version of the prompt. */
  readonly promptVersion?: string;
}

export interface DeclaredAttributes {
  /** Every key that some service declares. */
  readonly keys: readonly string[];
  readonly of: (service: ServiceIdentity) => ServiceAttributes | undefined;
}

export const NOTHING_DECLARED: DeclaredAttributes = { keys: [], of: () => undefined };
