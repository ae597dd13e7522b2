import { createHash } from 'node:crypto';
import {
  DECLARE_WITHIN_MS,
  DECLARED_BEFORE_MS,
  LEARN_MS,
  type SightingEvidence,
  sightedType,
  sightingText,
} from '../../changes/sighting.ts';
import { type Code, codeOfKnown, type Dictionary, OTHER } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import { SYSTEM } from '../../model/incident.ts';
import type { Interaction } from '../../model/interaction.ts';
import { parseCountedKey } from '../../model/names.ts';
import { MINUTE_MS, MINUTES_PER_HOUR, type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Records } from '../../store/records/records.ts';
import {
  changesBetween,
  type FirstSight,
  storeObserved,
  unseenSights,
  writeSighting,
} from '../../store/records/sightings.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { COUNT } from '../../tally/counters.ts';
import { sliceValue } from '../examples.ts';
import { RecentInteractions } from '../judge/recent.ts';
import type { SeenChange } from './suspects.ts';

/** Dimensions whose new values are changes in themselves. */
const DIMENSIONS: readonly Code[] = [codeOfKnown('response_model'), codeOfKnown('prompt_version')];
/** Looked for so often, in minutes that were judged. */
const EVERY: Minute = 5;
/** What was seen longer ago than this is history: nobody was watching then. */
const BACK: Minute = 2 * 24 * MINUTES_PER_HOUR;
const TRACES = 3;
/** Minutes from the first sight that are looked through for them, and interactions. */
const TRACE_MINUTES = 5;
const SCAN_MAX = 20_000;

export interface ObserverOptions {
  readonly records: Records;
  readonly reader: Reader;
  readonly dictionary: Dictionary;
  /** What a resource is counted under. */
  readonly countedOf: (resource: Code) => Code;
  /** One transaction, of whoever judges. */
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
}

/** Finds changes that nobody has announced: a model snapshot or a prompt version that is there for the first time and was not declared within the hour is recorded afterwards, with what speaks for it. */
export class ChangeObserver {
  readonly #options: ObserverOptions;
  #next: Minute = 0;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** @param horizon  the last minute that was judged  @returns the changes that were recorded */
  async look(horizon: Minute, now: Millis): Promise<SeenChange[]> {
    if (horizon < this.#next) return [];
    const { records, write } = this.#options;
    const until = horizon - DECLARE_WITHIN_MS / MINUTE_MS;
    const sights = await unseenSights(records, DIMENSIONS, horizon - BACK, until);
    const statements: Statement[] = [];
    const found: SeenChange[] = [];
    const recent = new RecentInteractions(this.#options.reader);
    for (const sight of sights) {
      const { change, statements: some } = await this.#taken(sight, recent, now);
      statements.push(...some);
      if (change !== null) found.push(change);
    }
    if (statements.length > 0) await write(statements);
    this.#next = horizon + EVERY;
    return found;
  }

  async #taken(
    sight: FirstSight,
    recent: RecentInteractions,
    now: Millis,
  ): Promise<{ readonly change: SeenChange | null; readonly statements: Statement[] }> {
    const { records, dictionary } = this.#options;
    const nothing = { change: null, statements: [writeSighting(records, sight, now, null, null)] };
    const seen = millisOfMinute(sight.firstMinute);
    const value = dictionary.text(sight.value);
    const counted = parseCountedKey(dictionary.text(sight.service));
    const isNews = millisOfMinute(sight.begun) + LEARN_MS <= seen;
    if (!isNews || counted === null || sight.value === OTHER) return nothing;
    const environment = counted.environment === '' ? null : counted.environment;
    const declared = await changesBetween(records, counted.name, seen - DECLARED_BEFORE_MS, seen + DECLARE_WITHIN_MS);
    const isOf = (where: string | null): boolean => where === null || environment === null || where === environment;
    if (declared.some((change) => isOf(change.environment) && nameOf(change.after!) === value)) return nothing;
    const evidence = this.#evidence(sight, value, recent);
    const type = sightedType(evidence);
    const id = idOf(counted.name, environment, evidence);
    const before = evidence.before?.value ?? null;
    const change = { id, service: counted.name, environment, type, before, after: value, at: seen };
    return {
      change: { ...change, about: value },
      statements: [
        storeObserved(records, { ...change, description: sightingText(evidence) }),
        writeSighting(records, sight, now, id, evidence),
        auditEntry(SYSTEM, 'change.observed', { id, service: counted.name, type, state: 'implemented' }, now),
      ],
    };
  }

  #evidence(sight: FirstSight, value: string, recent: RecentInteractions): SightingEvidence {
    const { reader, dictionary } = this.#options;
    const { service, dimension, firstMinute } = sight;
    const counts = (from: Minute, to: Minute): Map<Code, number> => {
      const sums = new Map<Code, number>();
      for (const { value: one, tally } of reader.slicesOf('minute', EVENT_CLOCK, service, dimension, from, to))
        sums.set(one, (sums.get(one) ?? 0) + (tally.get(COUNT) ?? 0));
      return sums;
    };
    const hour = counts(firstMinute, firstMinute + MINUTES_PER_HOUR - 1);
    const day = counts(firstMinute - 24 * MINUTES_PER_HOUR, firstMinute - 1);
    const [most] = [...day].sort(([a, n], [b, m]) => m - n || a - b);
    const name = dictionary.text(dimension);
    const firsts = this.#firsts(sight, name, value, recent);
    const asked = firsts[0] === undefined ? null : dictionary.textOrNull(firsts[0].requestModel);
    return {
      dimension: name,
      value,
      firstSeen: millisOfMinute(firstMinute),
      n: hour.get(sight.value) ?? 0,
      all: total(hour),
      before: most === undefined ? null : { value: dictionary.text(most[0]), share: most[1] / total(day) },
      traces: firsts.map(({ traceId }) => hexOfId(traceId)),
      alias: name === 'response_model' && asked !== value ? asked : null,
    };
  }

  /** The first interactions with the value, in their order. */
  #firsts(
    { service, firstMinute }: FirstSight,
    name: string,
    value: string,
    recent: RecentInteractions,
  ): Interaction[] {
    const { dictionary, countedOf } = this.#options;
    const found: Interaction[] = [];
    let scanned = 0;
    for (let minute = firstMinute; minute < firstMinute + TRACE_MINUTES; minute++) {
      const own: Interaction[] = [];
      for (const interaction of recent.newestFirst(minute, minute)) {
        if (++scanned > SCAN_MAX) break;
        if (countedOf(interaction.service) === service && sliceValue(dictionary, name, interaction) === value)
          own.push(interaction);
      }
      found.push(...own.reverse());
      if (found.length >= TRACES || scanned > SCAN_MAX) break;
    }
    return found.slice(0, TRACES);
  }
}

const total = (counts: ReadonlyMap<Code, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** `"7"`, or `{"id": "7", "sha256": ...}`. */
function nameOf(json: string): string | null {
  const value = JSON.parse(json) as string | { readonly id?: string };
  return typeof value === 'string' ? value : (value.id ?? null);
}

/** The same sight is the same change, whoever finds it. */
const idOf = (service: string, environment: string | null, { dimension, value, firstSeen }: SightingEvidence): string =>
  `observed-${createHash('sha256')
    .update(JSON.stringify([service, environment, dimension, value, firstSeen]))
    .digest('hex')
    .slice(0, 16)}`;
