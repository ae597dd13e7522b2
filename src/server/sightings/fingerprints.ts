import {
  FINGERPRINTS,
  type FingerprintQuantity,
  type FingerprintWatch,
  watchFingerprint,
} from '../../changes/fingerprint.ts';
import { DECLARE_WITHIN_MS } from '../../changes/sighting.ts';
import { type Code, codeOfKnown, OTHER } from '../../model/dictionary.ts';
import { MINUTE_MS, MINUTES_PER_DAY, MINUTES_PER_HOUR, type Millis, type Minute } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Reader } from '../../store/reader.ts';
import { dropFingerprints, readFingerprints, writeFingerprint } from '../../store/records/fingerprints.ts';
import type { Records } from '../../store/records/records.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';
import { breather } from '../breathe.ts';
import { stepsBetween } from '../judge/counts-between.ts';
import type { Jump, JumpRecorder } from './jumps.ts';
import type { SeenChange } from './suspects.ts';

const DEPENDENCY = codeOfKnown('dependency');
/** Looked at so often, in minutes that were judged. */
const EVERY: Minute = 5;
/** Of a store that has not been looked at, so much of the past is taken; and what has not been called for so long is forgotten. */
const PAST: Minute = 28 * MINUTES_PER_DAY;
/** A longer time is read by whole hours. */
const READ_BY_MINUTE_MAX: Minute = 2 * MINUTES_PER_HOUR;
/** What began longer ago than this is history: nobody was watching then. */
const BACK: Minute = 2 * MINUTES_PER_DAY;
/** In all services together. */
const FINGERPRINTS_MAX = 10_000;

interface Watched {
  readonly quantity: FingerprintQuantity;
  readonly dependency: Code;
  readonly watch: FingerprintWatch;
  /** Of its last call, or later. */
  through: Minute;
  isStored: boolean;
}

interface Service {
  /** The last minute that was counted. */
  through: Minute;
  storedAt: Minute;
  readonly watched: Map<string, Watched>;
  /** Somebody has an hour to declare what they are of. */
  pending: Jump[];
}

/** All services, and how many fingerprints they have together. */
interface Fleet {
  readonly services: Map<Code, Service>;
  size: number;
}

export interface FingerprintOptions {
  readonly records: Records;
  readonly reader: Reader;
  readonly jumps: JumpRecorder;
  /** One transaction, of whoever judges. */
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
}

/**
 * Finds models whose calls are not what they were, from the tallies of calls that there are: how long they take and how long their answers are.
 * What is not declared within the hour is recorded as a change afterwards, once.
 */
export class FingerprintObserver {
  readonly #options: FingerprintOptions;
  #fleet: Fleet | null = null;
  #kinds = new Map<Code, string | null>();
  #next: Minute = 0;

  constructor(options: FingerprintOptions) {
    this.#options = options;
  }

  /** Another one may have watched on meanwhile: what is known is read from the store again. */
  forget(): void {
    this.#fleet = null;
    this.#next = 0;
  }

  /** @param horizon  the last minute that was judged  @returns the changes that were recorded */
  async look(horizon: Minute, now: Millis): Promise<SeenChange[]> {
    if (horizon < this.#next) return [];
    const { records, reader, write } = this.#options;
    // Another role may begin meanwhile: what is looked at here is that one's no more.
    const fleet = this.#fleet ?? (await this.#load(horizon));
    this.#fleet = fleet;
    const statements: Statement[] = [];
    const found: SeenChange[] = [];
    const breathe = breather();
    try {
      for (const code of reader.countedServices()) {
        const service = serviceIn(fleet, code, horizon);
        this.#count(fleet, code, service, horizon);
        found.push(...(await this.#decide(code, service, horizon, now, statements)));
        if (this.#isToStore(code, service)) statements.push(...this.#stored(code, service));
        fleet.size -= forgotten(service, horizon - PAST);
        await breathe();
      }
      if (statements.length > 0) await write([...statements, dropFingerprints(records, horizon - PAST)]);
    } catch (error) {
      this.forget();
      throw error;
    }
    if (this.#fleet === fleet) this.#next = horizon + EVERY;
    return found;
  }

  async #load(horizon: Minute): Promise<Fleet> {
    const fleet: Fleet = { services: new Map(), size: 0 };
    for (const { service: code, dependency, quantity, through, state } of await readFingerprints(
      this.#options.records,
    )) {
      const service = serviceIn(fleet, code, horizon);
      if (service.watched.size === 0 || through > service.through) service.through = through;
      service.storedAt = service.through;
      service.watched.set(keyOf(dependency, quantity), {
        quantity,
        dependency,
        watch: restored(quantity, state),
        through,
        isStored: true,
      });
      fleet.size++;
    }
    return fleet;
  }

  #count(fleet: Fleet, code: Code, service: Service, horizon: Minute): void {
    for (const { minute, dependency, tally } of this.#rows(code, service.through + 1, horizon)) {
      for (const quantity of FINGERPRINTS) {
        const one = watchedIn(fleet, service, dependency, quantity);
        if (one === null) continue;
        one.through = minute;
        one.isStored = false;
        const onset = one.watch.count(minute, tally);
        if (onset === null) continue;
        if (minute >= horizon - BACK)
          service.pending.push({ service: code, dependency, quantity, onset, found: minute });
      }
    }
    // Who judged before may have come further: what is counted is not counted again.
    service.through = Math.max(service.through, horizon);
  }

  /** Calls of models, in order of time. */
  *#rows(code: Code, from: Minute, to: Minute): Generator<{ minute: Minute; dependency: Code; tally: Tally }> {
    const steps =
      to - from < READ_BY_MINUTE_MAX
        ? [{ step: 'minute' as const, first: from, last: to }]
        : stepsBetween(from, to + 1);
    for (const { step, first, last } of steps)
      for (const { at, value, tally } of this.#options.reader.slicesOf(
        step,
        EVENT_CLOCK,
        code,
        DEPENDENCY,
        first,
        last,
      ))
        if (value !== OTHER && this.#kindOf(value) === 'model')
          yield { minute: step === 'hour' ? at * MINUTES_PER_HOUR : at, dependency: value, tally };
  }

  #kindOf(dependency: Code): string | null {
    let kind = this.#kinds.get(dependency);
    if (kind === undefined) {
      const row = this.#options.reader.db.prepare('select kind from dependency where code = ?').get(dependency);
      kind = (row as { kind: string } | undefined)?.kind ?? null;
      if (kind !== null) this.#kinds.set(dependency, kind);
    }
    return kind;
  }

  async #decide(
    code: Code,
    service: Service,
    horizon: Minute,
    now: Millis,
    statements: Statement[],
  ): Promise<SeenChange[]> {
    const due = service.pending.filter(({ onset }) => horizon >= onset + DECLARE_WITHIN_MS / MINUTE_MS);
    const found: SeenChange[] = [];
    for (const jump of due) {
      const { watch } = service.watched.get(keyOf(jump.dependency, jump.quantity))!;
      const recorded = await this.#options.jumps.record(jump, horizon, now, found);
      if (recorded === 'none') watch.dismiss();
      else if (recorded === 'declared') watch.renew();
      else {
        statements.push(...recorded.statements);
        found.push(recorded.change);
      }
    }
    if (due.length > 0) {
      service.pending = service.pending.filter((one) => !due.includes(one));
      statements.push(...this.#stored(code, service));
    }
    return found;
  }

  /** Once an hour, of services one after the other. What waits to be decided would be lost: it is found again. */
  #isToStore(code: Code, { through, storedAt, pending }: Service): boolean {
    if (pending.length > 0) return false;
    const hourOf = (minute: Minute): number => Math.floor((minute + code) / MINUTES_PER_HOUR);
    return hourOf(through) > hourOf(storedAt);
  }

  #stored(code: Code, service: Service): Statement[] {
    if (service.pending.length > 0) return [];
    const { through } = service;
    service.storedAt = through;
    const statements: Statement[] = [];
    for (const one of service.watched.values()) {
      if (one.isStored) continue;
      const { dependency, quantity, watch } = one;
      const row = { service: code, dependency, quantity, through, state: watch.encode() };
      statements.push(writeFingerprint(this.#options.records, row));
      one.isStored = true;
    }
    return statements;
  }
}

const keyOf = (dependency: Code, quantity: FingerprintQuantity): string => `${dependency} ${quantity}`;

/** Null: there are as many as are watched. */
function watchedIn(fleet: Fleet, service: Service, dependency: Code, quantity: FingerprintQuantity): Watched | null {
  const key = keyOf(dependency, quantity);
  const known = service.watched.get(key);
  if (known !== undefined) return known;
  if (fleet.size >= FINGERPRINTS_MAX) return null;
  const one = { quantity, dependency, watch: watchFingerprint(quantity), through: -1, isStored: false };
  service.watched.set(key, one);
  fleet.size++;
  return one;
}

/** Forgets what has not been called since a minute, as the store does. @returns how many those were */
function forgotten({ watched, pending }: Service, before: Minute): number {
  if (pending.length > 0) return 0;
  const known = watched.size;
  for (const [key, { through }] of watched) if (through < before) watched.delete(key);
  return known - watched.size;
}

function serviceIn({ services }: Fleet, code: Code, horizon: Minute): Service {
  let service = services.get(code);
  if (service === undefined) {
    service = { through: horizon - PAST, storedAt: horizon - PAST, watched: new Map(), pending: [] };
    services.set(code, service);
  }
  return service;
}

/** Of another format it is taken anew. */
function restored(quantity: FingerprintQuantity, state: Uint8Array): FingerprintWatch {
  try {
    return watchFingerprint(quantity, state);
  } catch (error) {
    if (error instanceof RangeError) return watchFingerprint(quantity);
    throw error;
  }
}
