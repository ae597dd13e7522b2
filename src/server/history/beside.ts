import { Catalog } from '../../catalog/catalog.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import { Dictionary } from '../../model/dictionary.ts';
import { parseCountedKey } from '../../model/names.ts';
import type { Millis } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { storedTexts } from '../../store/sqlite/counting.ts';
import { stateBefore, storedObjectives } from '../cli/traffic.ts';
import { FollowedVerdicts } from '../judge/verdicts.ts';
import type { Configuration } from '../plimsoll.ts';
import type { StoreDesk } from '../store-desk.ts';
import type { History } from './history.ts';
import { openHistory } from './open-history.ts';

export interface BesideOptions {
  readonly configuration: Configuration;
  readonly reader: Reader;
  readonly desk: StoreDesk;
  readonly secret: (reference: string) => Promise<string>;
  readonly log: Parameters<typeof openHistory>[0]['log'];
  readonly now: () => Millis;
}

/** The history as a command writes it where no server runs. It is asked to once: what does not succeed is not tried again. */
export function historyBeside({ configuration, reader, desk, secret, log, now }: BesideOptions): History | null {
  const { deployment, services } = configuration;
  const dictionary = new Dictionary(storedTexts(reader.db));
  const catalog = new Catalog(services);
  const plans = new PlanBook(dictionary, catalog, configuration.objectives, deployment.prices);
  const objectives = storedObjectives(configuration, reader);
  const verdicts = new FollowedVerdicts(reader, () => objectives, deployment.judge.graceMs);
  verdicts.follow(now());
  return openHistory({
    deployment,
    secret,
    log,
    metrics: null,
    reader,
    records: desk.records,
    dictionary,
    catalog,
    objectives: () => objectives,
    currencyOf: (counted) => {
      const { name, environment } = parseCountedKey(dictionary.text(counted))!;
      return plans.pricesOf(catalog.byName(name, environment)).currency;
    },
    baselineOf: (name) => {
      const objective = objectives.find((one) => one.name === name);
      return objective === undefined
        ? null
        : (stateBefore(reader, objective, verdicts.horizon + 1)?.drift?.frozen ?? null);
    },
    verdicts: () => verdicts,
    book: { byId: () => undefined },
    write: async (statements) => desk.write(statements),
    isLeading: () => true,
    now,
    random: () => 1,
    schedule: () => () => {},
  });
}
