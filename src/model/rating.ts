import type { Code } from './dictionary.ts';
import type { FeedbackKind } from './signals.ts';

/** What a person, an evaluator or the truth said of one interaction, as it is counted. */
export type Rating =
  | { readonly type: 'feedback'; readonly kind: FeedbackKind; readonly value: string | number | boolean }
  /**
   * `evaluation`: the code of (name, evaluator, version). `score`: raw, null when only a label was given. `confidence`: how
   * sure it is stated to be that the answer is right, in [0, 1].
   */
  | {
      readonly type: 'evaluation';
      readonly evaluation: Code;
      readonly score: number | null;
      readonly confidence?: number;
    }
  /** Grades of the documents that were found, in the order shown. `evaluation`: the code of those that judged them. */
  | ({ readonly type: 'ranking'; readonly evaluation: Code } & JudgedDocuments)
  /** `label`: the code of (name, source, sampling). */
  | { readonly type: 'label'; readonly label: Code; readonly value: boolean };

export interface JudgedDocuments {
  /** 0: worth nothing. */
  readonly relevance: readonly number[];
  /** Grades of all documents that were judged, those that were not shown too; null: only those shown were. */
  readonly judged: readonly number[] | null;
}
