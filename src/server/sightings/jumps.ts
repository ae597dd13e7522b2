import { createHash } from 'node:crypto';
import type { FingerprintQuantity } from '../../changes/fingerprint.ts';
import { COMPARED_MIN, comparedOf, type JumpEvidence, jumpBetween, jumpText, sideText } from '../../changes/jump.ts';
import { WATCH_MS } from '../../model/change.ts';
import { type Code, codeOfKnown, type Dictionary } from '../../model/dictionary.ts';
import { SYSTEM } from '../../model/incident.ts';
import { parseCountedKey } from '../../model/names.ts';
import { MINUTES_PER_DAY, type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { changesNear, writeJump } from '../../store/records/fingerprints.ts';
import type { Records } from '../../store/records/records.ts';
import { storeObserved } from '../../store/records/sightings.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';
import { dependencyName } from '../metrics/dependencies.ts';
import type { SeenChange } from './suspects.ts';

const DEPENDENCY = codeOfKnown('dependency');
const TYPE = 'provider_snapshot';
/** So much of what came since is compared. */
const COMPARED_MINUTES_MAX: Minute = MINUTES_PER_DAY;

/** A fingerprint that is not what it was, as its detector says. */
export interface Jump {
  readonly service: Code;
  readonly dependency: Code;
  readonly quantity: FingerprintQuantity;
  /** The first minute of it, and the one in which it was found. */
  readonly onset: Minute;
  readonly found: Minute;
}

/** `none`: it is so each day, or each week. `declared`: somebody has changed something, or it is on record already. */
export type Recorded = 'none' | 'declared' | { readonly change: SeenChange; readonly statements: readonly Statement[] };

export interface JumpOptions {
  readonly records: Records;
  readonly reader: Reader;
  readonly dictionary: Dictionary;
}

/** Makes a change of a jump: with the figures before and after, where nothing else explains it. */
export class JumpRecorder {
  readonly #options: JumpOptions;

  constructor(options: JumpOptions) {
    this.#options = options;
  }

  /** @param horizon  the last minute that was judged   @param beside  what was recorded of the same service just now */
  async record(jump: Jump, horizon: Minute, now: Millis, beside: readonly SeenChange[]): Promise<Recorded> {
    const { records, dictionary } = this.#options;
    const counted = parseCountedKey(dictionary.text(jump.service));
    const model = this.#modelOf(jump.dependency);
    if (counted === null || model === null) return 'none';
    const evidence = this.#evidence(jump, model, horizon);
    if (evidence === null) return 'none';
    const { name: service } = counted;
    const environment = counted.environment === '' ? null : counted.environment;
    const known = await changesNear(records, service, evidence.firstSeen - WATCH_MS, millisOfMinute(horizon + 1));
    const isOf = (where: string | null): boolean => where === null || environment === null || where === environment;
    // A jump of another model says nothing of this one.
    const isCause = (json: string | null): boolean =>
      json === null || (JSON.parse(json) as JumpEvidence).model === model;
    const isKnown = known.some((one) => isOf(one.environment) && isCause(one.evidence));
    if (isKnown || beside.some(({ about }) => about === model)) return 'declared';
    const id = idOf(service, environment, evidence);
    const change: SeenChange = {
      id,
      service,
      environment,
      type: TYPE,
      before: sideText(evidence, 'before'),
      after: sideText(evidence, 'after'),
      at: evidence.firstSeen,
      about: model,
    };
    const { about: _, ...stored } = change;
    return {
      change,
      statements: [
        storeObserved(records, { ...stored, description: jumpText(evidence) }),
        writeJump(records, id, evidence),
        auditEntry(SYSTEM, 'change.observed', { id, service, type: TYPE, state: 'implemented' }, now),
      ],
    };
  }

  #modelOf(dependency: Code): string | null {
    const { reader, dictionary } = this.#options;
    const row = reader.db.prepare('select provider, name from dependency where code = ?').get(dependency);
    if (row === undefined) return null;
    const { provider, name } = row as { provider: Code; name: Code };
    return dependencyName(dictionary, provider, name);
  }

  /** Null: it is as in the same minutes of an earlier day. */
  #evidence(jump: Jump, model: string, horizon: Minute): JumpEvidence | null {
    const { quantity, onset, found } = jump;
    const from = Math.max(onset, horizon - COMPARED_MINUTES_MAX + 1);
    for (const daysBefore of [7, 1] as const) {
      const shift = daysBefore * MINUTES_PER_DAY;
      // The same minutes on both sides, and none of those before is one of the jump itself.
      const to = Math.min(horizon, onset - 1 + shift);
      const before = this.#calls(jump, from - shift, to - shift);
      if (comparedOf(quantity, before) < COMPARED_MIN) continue;
      const difference = jumpBetween(quantity, before, this.#calls(jump, from, to));
      if (difference === null) return null;
      const firstSeen = millisOfMinute(onset);
      return { quantity, model, firstSeen, foundAt: millisOfMinute(found + 1), daysBefore, ...difference };
    }
    return null;
  }

  #calls({ service, dependency }: Jump, from: Minute, to: Minute): Tally[] {
    const tallies: Tally[] = [];
    for (const { value, tally } of this.#options.reader.slicesOf('minute', EVENT_CLOCK, service, DEPENDENCY, from, to))
      if (value === dependency) tallies.push(tally);
    return tallies;
  }
}

/** The same jump is the same change, whoever finds it. */
const idOf = (
  service: string,
  environment: string | null,
  { quantity, model, firstSeen }: Pick<JumpEvidence, 'quantity' | 'model' | 'firstSeen'>,
): string =>
  `observed-${createHash('sha256')
    .update(JSON.stringify([service, environment, quantity, model, firstSeen]))
    .digest('hex')
    .slice(0, 16)}`;
