import type { Finding } from '../../catalog/findings.ts';
import { judgeDrift, type WatchedJudge } from '../../catalog/judge-drift.ts';
import { belongsTo } from '../../catalog/plan-book.ts';
import { pairSumsOf } from '../../measures/joint-sums.ts';
import { judgeHealth } from '../../measures/judge-health.ts';
import type { Service } from '../../model/config/service.ts';
import { ABSENT, type Code, codeOfKnown } from '../../model/dictionary.ts';
import { pairKey } from '../../model/names.ts';
import { DAY_MS } from '../../model/time.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { type Tally, ZERO } from '../../tally/group.ts';
import type { ApiContext } from './context.ts';
import { jointSourcesOf } from './joint-sources.ts';
import { addAt } from './sums.ts';

/** The last days, and those before that they are held against. */
const DAYS = 7;
const BASELINE_DAYS = 28;
const RESPONSE_MODEL = codeOfKnown('response_model');

/** Judges of a service's objectives that have drifted, for each version of the model where the service is sliced by it. */
export function judgeDriftOf(context: ApiContext, service: Service, counted: Code): Finding[] {
  const { objectiveConfigs, dictionary, now } = context;
  const { newest } = jointSourcesOf(context, counted);
  const judged = objectiveConfigs.flatMap(({ name, measure, ...objective }) => {
    if (measure.type !== 'accuracy' || measure.judge === null || measure.label === null) return [];
    const known = belongsTo({ name, measure, ...objective }, service) ? newest(measure.judge, null) : null;
    return known === null ? [] : [{ name, label: measure.label, known }];
  });
  if (judged.length === 0) return [];
  const today = Math.floor(now() / DAY_MS);
  const first = today - DAYS + 1;
  const recent = tallies(context, service, counted, first, today);
  const earlier = tallies(context, service, counted, first - BASELINE_DAYS, first - 1);
  return judgeDrift(
    judged.flatMap(({ name, label, known }) => {
      const pair = dictionary.code(pairKey(label, known));
      const healthOf = (tally: Tally | undefined) => judgeHealth(pairSumsOf(tally ?? ZERO, pair));
      return [...recent].map(
        ([model, tally]): WatchedJudge => ({
          objective: name,
          label,
          judge: known.name,
          evaluatorVersion: known.version,
          model: dictionary.textOrNull(model),
          now: healthOf(tally),
          before: healthOf(earlier.get(model)),
          since: first * DAY_MS,
        }),
      );
    }),
  );
}

/** Of some days, by version of the model; of all versions together where the service is not sliced by it. */
function tallies({ reader }: ApiContext, { slices }: Service, counted: Code, first: number, last: number) {
  const sums = new Map<Code, Tally>();
  const isSliced = slices.some(({ name }) => name === 'response_model');
  const rows = isSliced
    ? reader.slicesOf('day', EVENT_CLOCK, counted, RESPONSE_MODEL, first, last)
    : reader.series('day', EVENT_CLOCK, counted, first, last);
  for (const row of rows) addAt(sums, 'value' in row ? (row.value as Code) : ABSENT, row.tally);
  return sums;
}
