import type { Document } from './document.ts';
import { DOCUMENT_RULES } from './document-rules.ts';
import { HISTORY_RULES } from './history-rules.ts';
import { PANEL_RULES } from './panel-rules.ts';
import { QUERY_RULES } from './query-rules.ts';
import type { Rule } from './rule.ts';

/** What keeps dashboards honest; each rule is shown to catch its fault in `test/dashboards`. */
export const RULES: readonly Rule[] = [...DOCUMENT_RULES, ...PANEL_RULES, ...QUERY_RULES, ...HISTORY_RULES];

export interface Fault {
  readonly rule: string;
  readonly text: string;
}

export const lint = (document: Document, uids: ReadonlySet<string>): Fault[] =>
  RULES.flatMap(({ name, check }) => check({ document, uids }).map((text) => ({ rule: name, text })));
