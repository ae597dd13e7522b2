import type { Objective } from '../../model/config/objective.ts';
import type { Service } from '../../model/config/service.ts';
import type { ErrorClass } from '../../model/error-class.ts';
import type { FeedbackKind } from '../../model/signals.ts';
import type { Minute } from '../../model/time.ts';
import type { Verdict } from '../../objectives/reading.ts';

/** Minutes since the scenario began, from 0. Tick T judges all minutes before T. */
export type Tick = number;

/** A story of one deployment, and what is expected of it: docs/guide/testing.md is the language. */
export interface Scenario {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  /** Minute 0. */
  readonly start: Minute;
  readonly falseIncidentsPer30Days: number;
  readonly services: readonly Service[];
  /** All that are in force; those that are judged here are `judged`. */
  readonly objectives: readonly Objective[];
  /** Names. */
  readonly judged: readonly string[];
  readonly traffic: readonly Traffic[];
  readonly expectations: readonly Expectation[];
}

/** Names of the evaluations that objectives are about. */
export const evaluationsIn = (objectives: readonly Objective[], services: readonly Service[]): string[] => [
  ...new Set(
    objectives.flatMap(({ measure }) => {
      if ('evaluation' in measure) return measure.evaluation ?? [];
      const isOfScores =
        measure.type === 'drift' && services.some(({ evaluations }) => evaluations[measure.feature] !== undefined);
      return isOfScores ? measure.feature : [];
    }),
  ),
];

/** What each minute of a stretch brought, both ends inclusive. */
export interface Traffic {
  readonly line: number;
  readonly from: Tick;
  readonly to: Tick;
  /** Name of the service. */
  readonly service: string;
  readonly environment: string;
  readonly items: readonly Item[];
  /** When it became known; null: in time. */
  readonly arrives: { readonly at: Tick } | { readonly lateMinutes: number } | null;
  /** Each stands for so many. */
  readonly weight: number;
}

export type Item = Answers | Ratings;

/** So many interactions a minute. */
export interface Answers {
  readonly type: 'answers';
  readonly count: number;
  readonly durationMs: number;
  /** Null: it did not fail. */
  readonly failure: ErrorClass | null;
}

/** So many of them a minute that somebody said something of, each after a while. */
export interface Ratings {
  readonly type: 'ratings';
  readonly count: number;
  readonly afterMinutes: number;
  readonly rating:
    | { readonly type: 'evaluation'; readonly name: string; readonly score: number }
    | { readonly type: 'label'; readonly name: string; readonly value: boolean }
    | { readonly type: 'feedback'; readonly kind: FeedbackKind; readonly value: string | number | boolean };
}

export interface Expectation {
  readonly line: number;
  /** Both inclusive. */
  readonly from: Tick;
  readonly to: Tick;
  /** Name; null: of any of them. */
  readonly objective: string | null;
  readonly wants: readonly Want[];
}

/** What happens to an incident in one tick. */
export type Happening = 'opens' | 'pages' | 'joins' | 'resolves' | 'reopens' | 'withdraws';

/** `text` is as it was written. Of a stretch of ticks what happens must happen in one of them, all else must hold at each. */
export type Want = { readonly text: string } & (
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'happens'; readonly happening: Happening }
  | { readonly type: 'open'; readonly isOpen: boolean }
  | { readonly type: 'priority'; readonly priority: number }
  | { readonly type: 'since'; readonly from: Tick; readonly to: Tick }
  | { readonly type: 'stale' }
  | { readonly type: 'foundLate' }
  | { readonly type: 'opened'; readonly count: number }
);
