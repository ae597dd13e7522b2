import type { Document } from './document.ts';

export interface Context {
  readonly document: Document;
  /** Of all dashboards. */
  readonly uids: ReadonlySet<string>;
}

/** Something that no dashboard of ours may do. */
export interface Rule {
  readonly name: string;
  /** Where it is broken and how, one line each. */
  readonly check: (context: Context) => string[];
}
