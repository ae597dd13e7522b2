/** A rule that records what an expression comes to. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  /** For so long it has to hold before it fires. */
  readonly for?: string;
  /** For so long it goes on firing when it no longer holds; Prometheus 2.42 and newer. */
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export type Rule = RecordingRule | AlertingRule;

/** Rules that are evaluated in their order, at one time. */
export interface RuleGroup {
  readonly name: string;
  /** Lines before it. */
  readonly comments: readonly string[];
  readonly interval?: string;
  readonly rules: readonly Rule[];
}
