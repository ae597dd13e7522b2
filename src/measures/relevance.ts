import { REASK } from '../model/estimate-text.ts';
import { rankingKey } from '../model/names.ts';
import { versionOf } from './accuracy.ts';
import { type MeasureDefinition, UNSEEN } from './definition.ts';
import { rankedScores } from './ranked.ts';
import { reask } from './reask.ts';
import { meanScore, scored } from './scores.ts';

/** By the mean score of an evaluation, by a ranking measure at k, or by how seldom people ask again. */
export const relevanceMeasure: MeasureDefinition<'relevance'> = {
  read: ({ evaluation, evaluatorVersion, ranking }, { newest, newestJudge, codeOf }) => {
    if (evaluation !== null) {
      const code = newest(evaluation, evaluatorVersion)?.code ?? UNSEEN;
      const scores = { events: scored(code), estimator: meanScore(code) };
      return { judgedBy: 'scores', ...scores, subject: evaluation, method: 'evaluator', codes: [code] };
    }
    if (ranking === null) return { events: reask, subject: REASK, method: 'feedback', codes: [] };
    const { metric, k } = ranking;
    const judge = newestJudge();
    const code = judge === null ? UNSEEN : codeOf(rankingKey(judge, metric, k));
    return { judgedBy: 'scores', ...rankedScores(code), subject: `${metric}@${k}`, method: 'judged', codes: [code] };
  },
  variantOf: ({ measure }) => versionOf(measure.evaluatorVersion)[0],
};
