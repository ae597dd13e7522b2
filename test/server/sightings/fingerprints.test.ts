import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { ABSENT, type Code, Dictionary } from '../../../src/model/dictionary.ts';
import { countedKey } from '../../../src/model/names.ts';
import type { Minute } from '../../../src/model/time.ts';
import { FingerprintObserver } from '../../../src/server/sightings/fingerprints.ts';
import { JumpRecorder } from '../../../src/server/sightings/jumps.ts';
import type { Statement } from '../../../src/store/items.ts';
import type { Reader } from '../../../src/store/reader.ts';
import { readFingerprints } from '../../../src/store/records/fingerprints.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/database.ts';
import { Ledger } from '../../../src/store/sqlite/ledger.ts';
import { COUNT, TOKENS, TOKENS_KNOWN } from '../../../src/tally/counters.ts';
import { durationCounter } from '../../../src/tally/duration.ts';
import type { Tally } from '../../../src/tally/group.ts';

const HOUR = 60;
const DAY = 1440;
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-fingerprints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Tallies of calls by service, dependency and minute; how often each minute was read is kept. */
class Calls {
  readonly #tallies = new Map<Code, Map<Code, (minute: Minute) => Tally | null>>();
  readonly dictionary = new Dictionary();
  readonly records;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  read: { service: Code; minute: Minute }[] = [];

  constructor() {
    const file = join(folder, `${files++}.db`);
    const ledger = new Ledger(openForWriting(file), { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 });
    this.records = openRecords(openForReading(file));
    this.write = async (statements) => {
      const [result] = ledger.commit([{ type: 'statements', statements }], 0);
      if (result?.type !== 'statements') throw new Error(JSON.stringify(result));
    };
  }

  put(service: Code, dependency: Code, tallyOf: (minute: Minute) => Tally | null): void {
    const known = this.#tallies.get(service) ?? new Map();
    this.#tallies.set(service, known.set(dependency, tallyOf));
  }

  observer(): FingerprintObserver {
    const { records, write } = this;
    return new FingerprintObserver({ records, reader: this.#reader(), jumps: this.jumps(), write });
  }

  jumps(): JumpRecorder {
    const { records, dictionary } = this;
    return new JumpRecorder({ records, reader: this.#reader(), dictionary });
  }

  #reader(): Reader {
    const { read } = this;
    const name = this.dictionary.code('gpt');
    const tallies = this.#tallies;
    return {
      db: { prepare: () => ({ get: () => ({ kind: 'model', provider: ABSENT, name }) }) },
      countedServices: () => [...tallies.keys()],
      *slicesOf(step: string, _clock: number, service: Code, _dimension: Code, from: number, to: number) {
        for (let at = from; at <= to; at++)
          for (const [value, tallyOf] of tallies.get(service)!) {
            const tally = tallyOf(step === 'hour' ? at * HOUR : at);
            if (tally === null) continue;
            read.push({ service, minute: step === 'hour' ? at * HOUR : at });
            yield { value, at, tally };
          }
      },
    } as unknown as Reader;
  }
}

const MINUTE: Tally = new Map([
  [COUNT, 40],
  [durationCounter(800), 40],
  [TOKENS_KNOWN, 40],
  [TOKENS.output, 4000],
]);

it('counts no minute twice when whoever judges next has not come as far', async () => {
  const calls = new Calls();
  calls.put(7, 100, () => MINUTE);
  const horizon = 100 * DAY + 60 - 7;
  await calls.observer().look(horizon, 0);
  const before = await readFingerprints(calls.records);
  expect(before.map(({ through }) => through)).toEqual([horizon, horizon]);
  calls.read.length = 0;
  const next = calls.observer();
  await next.look(horizon - 3, 0);
  await next.look(horizon + 2, 0);
  await next.look(horizon + HOUR, 0);
  expect(calls.read.map(({ minute }) => minute)).toEqual(Array.from({ length: HOUR }, (_, i) => horizon + 1 + i));
});

it('forgets what has not been called for four weeks, also while it runs', async () => {
  const calls = new Calls();
  const begin = 100 * DAY;
  calls.put(7, 100, (minute) => (minute <= begin ? MINUTE : null));
  calls.put(7, 101, (minute) => (minute > begin + 29 * DAY ? MINUTE : null));
  const observer = calls.observer();
  for (let at = begin; at <= begin + 30 * DAY; at += DAY) await observer.look(at, 0);
  expect((await readFingerprints(calls.records)).map(({ dependency }) => dependency)).toEqual([101, 101]);
  // It comes back, and is taken anew: as after a restart.
  calls.put(7, 100, (minute) => (minute > begin + 30 * DAY ? MINUTE : null));
  await observer.look(begin + 30 * DAY + HOUR, 0);
  const again = new Calls();
  again.put(7, 100, (minute) => (minute > begin + 30 * DAY ? MINUTE : null));
  const anew = again.observer();
  await anew.look(begin + 30 * DAY, 0);
  await anew.look(begin + 30 * DAY + HOUR, 0);
  const stateOf = async ({ records }: Calls) =>
    (await readFingerprints(records)).filter(({ dependency }) => dependency === 100).map(({ state }) => [...state]);
  expect(await stateOf(calls)).toEqual(await stateOf(again));
});

it('looks at no other service for each call that it counts, however many there are', async () => {
  const calls = new Calls();
  const SERVICES = 12_000;
  const begin = 100 * DAY;
  // Of more services than are watched.
  for (let service = 1; service <= SERVICES; service++)
    calls.put(service, 100, (minute) => (minute > begin && minute < begin + 10 ? MINUTE : null));
  const looked = vi.spyOn(Map.prototype, 'values');
  try {
    await calls.observer().look(begin + 9, 0);
    expect(looked.mock.calls.length).toBeLessThan(8 * SERVICES);
  } finally {
    looked.mockRestore();
  }
  expect(await readFingerprints(calls.records)).toHaveLength(10_000);
}, 120_000);

it('compares the same minutes of two days, also of a jump that began more than a day ago', async () => {
  const calls = new Calls();
  const horizon = 100 * DAY - 1;
  // Each day its second half is slower; nothing is known of the week before.
  const slow: Tally = new Map([
    [COUNT, 40],
    [durationCounter(3200), 40],
  ]);
  const code = calls.dictionary.code(countedKey({ name: 'bot', environment: '' }));
  calls.put(code, 100, (minute) => (minute < horizon - 4 * DAY ? null : minute % DAY < DAY / 2 ? MINUTE : slow));
  const jump = { service: code, dependency: 100, quantity: 'latency' as const, found: horizon };
  expect(await calls.jumps().record({ ...jump, onset: horizon + 1 - 1.5 * DAY }, horizon, 0, [])).toBe('none');
  expect(await calls.jumps().record({ ...jump, onset: horizon + 1 - 0.5 * DAY }, horizon, 0, [])).toBe('none');
  calls.put(code, 100, (minute) =>
    minute < horizon - 4 * DAY ? null : minute < horizon + 1 - 1.5 * DAY ? MINUTE : slow,
  );
  expect(await calls.jumps().record({ ...jump, onset: horizon + 1 - 1.5 * DAY }, horizon, 0, [])).toMatchObject({
    change: { service: 'bot', about: 'gpt' },
  });
});
