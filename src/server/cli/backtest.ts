import { existsSync } from 'node:fs';
import { isReported } from '../../catalog/false-incident-budget.ts';
import { type Millis, type Minute, minuteOf } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { backtest } from '../backtest/backtest.ts';
import { backtestJson, backtestText } from '../backtest/report.ts';
import { type LoadedObjectives, loadObjectives } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { Configuration } from '../plimsoll.ts';
import { openStore } from './open-store.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface BacktestCommandOptions {
  readonly configuration: Configuration;
  /** A file of objectives, or the name of one that is in force; null: all of these. */
  readonly objective: string | null;
  /** `from` inclusive, `to` exclusive; null: all that is stored. */
  readonly from: Millis | null;
  readonly to: Millis | null;
  readonly json: boolean;
}

/** 0: it ran. 1: it could not. 2: there is no history. 3: the file can't be used. */
export async function backtestCommand(options: BacktestCommandOptions): Promise<number> {
  const { configuration, from, to, json } = options;
  const loaded = objectivesOf(options);
  if (!loaded.ok) {
    if (json) console.log(JSON.stringify({ problems: loaded.problems }));
    else console.error(formatProblems(loaded.problems));
    return 3;
  }
  const { store } = configuration.deployment;
  const progress = progressLine('running', !json);
  let reader: Reader | null = null;
  try {
    reader = openStore(store, 'PLIM_BACKTEST_NO_HISTORY');
    const result = await backtest({
      configuration,
      reader,
      objectives: loaded.objectives,
      from: minute(from),
      to: to === null ? null : minute(to)! - 1,
      onProgress: progress.show,
    });
    progress.end();
    console.log(json ? JSON.stringify(backtestJson(result)) : backtestText(result));
    return 0;
  } catch (error) {
    progress.end();
    return tellRefusal(error, json) === 'PLIM_BACKTEST_NO_HISTORY' ? 2 : 1;
  } finally {
    reader?.close();
  }
}

/** A file that is there comes before an objective of the same name. */
function objectivesOf({ configuration, objective }: BacktestCommandOptions): LoadedObjectives {
  const { objectives } = configuration;
  if (objective === null) return { ok: true, objectives: objectives.filter((one) => !isReported(one)) };
  const named = existsSync(objective) ? undefined : objectives.find(({ name }) => name === objective);
  return named === undefined ? loadObjectives(objective, configuration) : { ok: true, objectives: [named] };
}

const minute = (at: Millis | null): Minute | null => (at === null ? null : minuteOf(at));
