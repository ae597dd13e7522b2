import type { Millis } from '../../model/time.ts';

/** Why the files' configuration is not in force. Names places and codes, never values: whoever asks for readiness sees it. */
export interface Refusal {
  readonly at: Millis;
  /** `services/bot.yaml:7:3 spec.target [PLIM_CONFIG_INVALID_VALUE]`, the first twenty. */
  readonly problems: readonly string[];
  readonly count: number;
}

/** Which configuration is in force, and whether it is the one that the files hold. */
export interface ConfigurationState {
  readonly sha256: string;
  /** When it was last found to be in force, or put in force. */
  readonly since: Millis;
  /** What became of the last attempt to put another one in force; null: it is in force. */
  readonly refusal: Refusal | null;
}

const PROBLEMS_SHOWN = 20;

export const refusal = (at: Millis, problems: readonly string[]): Refusal => ({
  at,
  problems: problems.slice(0, PROBLEMS_SHOWN),
  count: problems.length,
});
