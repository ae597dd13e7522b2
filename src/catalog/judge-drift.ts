import { hasDrifted, type JudgeHealth } from '../measures/judge-health.ts';
import { plainText } from '../model/plain-text.ts';
import type { Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';

/** A judge of the unlabelled, over the last days and over those before. */
export interface WatchedJudge {
  readonly objective: string;
  readonly label: string;
  readonly judge: string;
  readonly evaluatorVersion: string;
  /** The version of the model that was judged; null: all of the service. */
  readonly model: string | null;
  readonly now: JudgeHealth | null;
  readonly before: JudgeHealth | null;
  readonly since: Millis;
}

const shown = (share: number): string => share.toFixed(3);

/** A judge whose scores mean something else than they did: what it adds to the labels is not what it was. */
export const judgeDrift = (judges: readonly WatchedJudge[]): Finding[] =>
  judges.flatMap(({ since, now, before, ...named }) => {
    if (now === null || before === null || !hasDrifted(now, before)) return [];
    const where = named.model === null ? '' : ` on answers of ${plainText(named.model)}`;
    return {
      kind: 'judge_drift',
      since,
      detail: `the judge ${plainText(named.judge)}${where} is off the labels by ${shown(now.bias)}, and was by ${shown(before.bias)}: its scores mean something else than they did. What to do: look for a change of its model or its prompt, and give it a new evaluatorVersion when there was one`,
      evidence: { ...named, now, before },
    };
  });
