import type { Millis } from '../model/time.ts';

/** Kinds of parts of a service that telemetry shows, and the list of a service's file that each belongs in. */
export const COMPONENT_LISTS = {
  model: 'models',
  prompt: 'prompts',
  prompt_version: 'prompts',
  tool: 'tools',
  vector_store: 'vectorStores',
  agent: 'agents',
  guardrail: 'guardrails',
} as const;
export type ComponentKind = keyof typeof COMPONENT_LISTS;
export const COMPONENT_KINDS = Object.keys(COMPONENT_LISTS) as ComponentKind[];

/** A part of a service, as its telemetry names it. */
export interface SeenComponent {
  readonly kind: ComponentKind;
  /** Of models and rerankers; null where telemetry names none. */
  readonly provider: string | null;
  /** Of a model the one that answered, else the one that was asked for; of a `prompt_version` the version alone. */
  readonly name: string;
  /** null: as long as anything is known of. */
  readonly firstSeen: Millis | null;
  /** Calls of the last day; of prompts and agents interactions. */
  readonly lastDay: number;
  /** Traces in which it was seen, where they are known. */
  readonly traces: readonly string[];
}
