import { Catalog } from '../../catalog/catalog.ts';
import { compileObjectives } from '../../catalog/objectives.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import type { Objective as ObjectiveConfig } from '../../model/config/objective.ts';
import { Dictionary } from '../../model/dictionary.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import { storedTexts } from '../../store/sqlite/counting.ts';
import type { Configuration } from '../plimsoll.ts';
import { seenBy } from '../seen.ts';

/** The objectives that are run, and those they are compared with. The same store and configuration give the same. */
export interface Prepared {
  readonly candidates: readonly Objective[];
  /** Of each candidate; null: none is in force that is like it. */
  readonly baselines: readonly (Objective | null)[];
  /** Whether a candidate is its baseline without any change. */
  readonly isSame: readonly boolean[];
  /** Baselines that have to be run, too. */
  readonly others: readonly Objective[];
  /** Plans that count for all of them. */
  readonly plans: ReturnType<PlanBook['allPlans']>;
}

export function prepare(configuration: Configuration, reader: Reader, changed: readonly ObjectiveConfig[]): Prepared {
  const { candidates, inForce, plans } = compiled(configuration, reader, changed);
  const baselines = candidates.map((objective) => baselineOf(objective, inForce));
  const isSame = candidates.map((one, i) => baselines[i]?.fingerprint === one.fingerprint);
  const others = [...new Set(baselines.filter((one, i) => one !== null && !isSame[i]))] as Objective[];
  return { candidates, baselines, isSame, others, plans };
}

interface Compiled {
  readonly candidates: readonly Objective[];
  readonly inForce: readonly Objective[];
  /** Plans that count for all of them. */
  readonly plans: ReturnType<PlanBook['allPlans']>;
}

function compiled(
  { deployment, services, objectives }: Configuration,
  reader: Reader,
  changed: readonly ObjectiveConfig[],
): Compiled {
  const dictionary = new Dictionary(storedTexts(reader.db));
  const catalog = new Catalog(services);
  const book = new PlanBook(dictionary, catalog, [...objectives, ...changed], deployment.prices);
  const seen = seenBy(reader);
  const compile = (configs: readonly ObjectiveConfig[]): Objective[] =>
    compileObjectives({
      objectives: configs,
      services,
      falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
      dictionary,
      plans: book,
      ...seen,
    });
  const names = new Set(changed.map(({ name }) => name));
  // Each takes its share of the budget of false incidents beside all the others that would be in force.
  const all = compile([...changed, ...objectives.filter(({ name }) => !names.has(name))]);
  return { candidates: all.slice(0, changed.length), inForce: compile(objectives), plans: book.allPlans() };
}

/** Of the same name; else the only one about the same measure (and the same drift) of the same service. One that is only reported finds nothing. */
function baselineOf(objective: Objective, inForce: readonly Objective[]): Objective | null {
  const detecting = inForce.filter(({ judgedBy }) => judgedBy !== 'report');
  const named = detecting.find(({ name }) => name === objective.name);
  if (named !== undefined) return named;
  const alike = detecting.filter(
    ({ counted, measure, method, drift, subject }) =>
      counted === objective.counted &&
      measure === objective.measure &&
      method === objective.method &&
      (drift === undefined || subject === objective.subject),
  );
  return alike.length === 1 ? alike[0]! : null;
}
