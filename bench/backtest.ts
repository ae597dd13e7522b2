// How long a backtest takes: `node --no-warnings bench/backtest.ts [objectives] [days]`. A store with so many days of tallies by
// the minute, four objectives a service (a quarter by burn rates), a slow minute or an outage now and then; then all of them run
// over all of it, and as many changed ones beside those in force.
import { rmSync } from 'node:fs';
import { backtest } from '../src/server/backtest/backtest.ts';
import { storedObjectives } from '../src/server/cli/traffic.ts';
import { openForWriting } from '../src/store/sqlite/database.ts';
import { openReader } from '../src/store/sqlite/reader.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../src/tally/book.ts';
import { encodeTally } from '../src/tally/codec.ts';
import * as counters from '../src/tally/counters.ts';
import { durationCounter } from '../src/tally/duration.ts';
import { binomial, random } from '../test/random.ts';
import { exchange, objective, service, World } from '../test/server/world.ts';

const OBJECTIVES = Number(process.argv[2] ?? 100);
const DAYS = Number(process.argv[3] ?? 30);
const EACH = 4;
const MINUTES = DAYS * 1440;
const PER_MINUTE = 20;

const names = Array.from({ length: Math.ceil(OBJECTIVES / EACH) }, (_, i) => `service-${i}`);
const promises = (name: string, stricter = 0) =>
  [
    { measure: { type: 'availability' }, target: 0.99 + stricter },
    { measure: { type: 'availability' }, target: 0.995 + stricter / 10, alert: { detector: 'burn_rate' } },
    { measure: { type: 'latency', threshold: '2s' }, target: 0.95 + stricter },
    { measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' }, target: 0.9 + stricter },
  ].map((spec, i) => objective(`${name}-${i}`, { service: name, ...spec }));

const world = await World.start({
  services: names.map((name) => service(name, { evaluations: { groundedness: { pass: 0.7 } } })),
  objectives: names.flatMap((name) => promises(name)).slice(0, OBJECTIVES),
});
const asked = names.map((name) => exchange(name, world.now - 60_000));
await world.spans(asked);
await world.rate(asked.map((one) => ({ exchange: one, score: 0.9 })));
await world.plimsoll.stop();
const path = world.file;
fill(path);

async function measure(what: string, objectives: typeof world.configuration.objectives): Promise<void> {
  const reader = openReader(path);
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const { backtests } = await backtest({
    configuration: world.configuration,
    reader,
    objectives,
    from: null,
    to: null,
  });
  const seconds = (performance.now() - began) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  reader.close();
  const found = backtests.reduce((sum, one) => sum + one.incidents.length, 0);
  const minutes = backtests.reduce((sum, one) => sum + one.run.minutes, 0);
  console.log(
    `${what}: ${objectives.length} objectives, ${DAYS} days: ${seconds.toFixed(2)} s, ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s of a core (${minutes} minutes with events, ${found} incidents)`,
  );
}

const { objectives } = world.configuration;
await measure('in force', objectives);
await measure('changed, beside those in force', names.flatMap((name) => promises(name, 0.002)).slice(0, OBJECTIVES));
await measure('one service', objectives.slice(0, EACH));
await measure('one objective', objectives.slice(0, 1));
rmSync(world.folder, { recursive: true, force: true });

/** Writes the tallies that so many days would have left behind. */
function fill(file: string): void {
  const reader = openReader(file);
  const ready = storedObjectives(world.configuration, reader);
  reader.close();
  const db = openForWriting(file);
  const insert = db.prepare('insert or replace into tally values (?, ?, ?, 0, 0, ?)');
  const dice = random(7);
  const first = Math.floor(world.now / 60_000) - 1 - MINUTES;
  for (const name of names) {
    const mine = ready.filter((one) => one.service === name);
    const { counted } = mine[0]!;
    const [evaluation, mark] = mine.find(({ measure }) => measure === 'accuracy')?.codes ?? [];
    db.exec('begin');
    let brokenUntil = -1;
    for (let i = 0; i < MINUTES; i++) {
      if (dice() < 0.0001) brokenUntil = i + 30;
      const isBroken = i < brokenUntil;
      const failed = binomial(dice, PER_MINUTE, isBroken ? 0.3 : 0.003);
      const slow = binomial(dice, PER_MINUTE - failed, isBroken ? 0.4 : 0.02);
      const tally = new Map<number, number>([
        [counters.COUNT, PER_MINUTE],
        [counters.FAILED.server, failed],
        [counters.within(2000), PER_MINUTE - failed - slow],
      ]);
      for (let k = 0; k < PER_MINUTE - failed; k++) {
        const bucket = durationCounter(k < slow ? 3000 + dice() * 3000 : 400 + dice() * 1200);
        tally.set(bucket, (tally.get(bucket) ?? 0) + 1);
      }
      insert.run(EVENT_CLOCK, first + i, counted, encodeTally(tally));
      if (evaluation === undefined) continue;
      const low = binomial(dice, PER_MINUTE / 2, isBroken ? 0.4 : 0.05);
      const scored = new Map([
        [counters.scores(evaluation), PER_MINUTE / 2],
        [counters.passed(mark!), PER_MINUTE / 2 - low],
      ]);
      insert.run(LABEL_CLOCK, first + i, counted, encodeTally(scored));
    }
    db.exec('commit');
  }
  db.close();
}
