import type { Catalog } from '../../catalog/catalog.ts';
import type { PlanBook } from '../../catalog/plan-book.ts';
import type { IncidentBook } from '../../incidents/book.ts';
import { SYSTEM } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Records } from '../../store/records/records.ts';
import type { Writer } from '../../store/writer.ts';
import { configurationChanged } from '../audit/configuration.ts';
import { type ConfigurationDifference, differenceOf } from '../config/written.ts';
import type { Intake } from '../intake.ts';
import type { Periods } from '../judge/periods.ts';
import type { Configuration } from '../plimsoll.ts';
import type { Configured } from './configured.ts';
import { checkFixed } from './fixed.ts';

/** The parts that a configuration is put in force in. */
export interface Reconfigurable {
  readonly configured: Configured;
  readonly catalog: Catalog;
  readonly plans: PlanBook;
  readonly intake: Intake;
  readonly writer: Writer;
  readonly book: IncidentBook;
  readonly periods: Periods;
  readonly records: Records;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  /** Objectives as they are configured, and from now on those that are judged. */
  readonly recompile: () => readonly Objective[];
  /** Judges these from now on, where it is this process that judges. */
  readonly judge: (objectives: readonly Objective[], now: Millis) => Promise<void>;
  /** Everything that needs nothing of the store: the decoder, destinations, metrics. */
  readonly tell: () => void;
}

/**
 * Puts another configuration in force while everything runs: whole, or not at all. What is counted otherwise from now on is
 * marked to be counted again, as at a start; detectors of objectives that are the same stand where they stood. To be called
 * while no tick runs.
 * @throws OperatorError when it changes what only a start can change; what the store throws, after the old one was put back
 */
export async function reconfigure(
  parts: Reconfigurable,
  configuration: Configuration,
  now: Millis,
): Promise<ConfigurationDifference> {
  const { configured, records, write } = parts;
  const before = configured.configuration;
  checkFixed(before.deployment, configuration.deployment);
  const difference = differenceOf(before.documents ?? [], configuration.documents ?? []);
  try {
    await put(parts, configuration, now);
    await write([
      auditEntry(SYSTEM, 'configuration.reloaded', { ...difference }, now),
      ...(await configurationChanged(records, configuration, SYSTEM, now)),
    ]);
  } catch (error) {
    // When this is refused as well, the parts hold the old one all the same; the next attempt counts the rest right.
    await put(parts, before, now).catch(() => {});
    parts.tell();
    throw error;
  }
  parts.tell();
  configured.confirm(now);
  return difference;
}

async function put(parts: Reconfigurable, configuration: Configuration, now: Millis): Promise<void> {
  const { configured, catalog, plans, intake, writer, judge, book, periods, recompile } = parts;
  const { deployment, objectives } = configuration;
  // Names that came until now are counted as they were.
  intake.flushNames();
  const counted = JSON.stringify(plans.allPlans());
  configured.replace(configuration);
  catalog.replace(configured.services);
  plans.replace(objectives, deployment.prices, deployment.retention.regulatedInteractionsMs);
  book.judgeAfter(deployment.judge.graceMs);
  const all = intake.allPlans();
  const isOtherwise = JSON.stringify(all) !== counted;
  await writer.reconfigure(deployment.retention, isOtherwise ? all : null);
  const compiled = recompile();
  intake.flushNames();
  await judge(compiled, now);
  periods.forget();
}
