import type { Code } from '../../src/model/dictionary.ts';
import type { ServiceIdentity } from '../../src/model/span.ts';

/** Attributes of a service's own that its file declares. */
export interface ServiceAttributes {
  /** From attribute keys to the dimensions that their values are slices of. */
  readonly slices: ReadonlyMap<string, Code>;
  /** The attribute that holds the version of the prompt. */
  readonly promptVersion?: string;
  /** The attribute that holds the application's own id of an interaction, instead of `INTERACTION_ID_KEYS`. */
  readonly interactionId?: string;
  /** From models to what their embeddings are counted under, where that is asked for: for each direction its code and those of its parts. */
  readonly embeddings?: ReadonlyMap<Code, readonly { readonly direction: Code; readonly bins: readonly Code[] }[]>;
}

/**
 * Where the application's own id of an interaction is looked for when nothing is declared: an attribute that the application
 * sets, or a header of the request that an HTTP instrumentation was told to capture (`-` is `_` in its older versions).
 */
export const INTERACTION_ID_KEYS = [
  'app.interaction.id',
  'http.request.header.x-interaction-id',
  'http.request.header.x_interaction_id',
] as const;

export interface DeclaredAttributes {
  /** Every key that some service declares. */
  readonly keys: readonly string[];
  readonly of: (service: ServiceIdentity) => ServiceAttributes | undefined;
}

export const NOTHING_DECLARED: DeclaredAttributes = { keys: [], of: () => undefined };
