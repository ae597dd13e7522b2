// How long one minute of judging takes:
//   node --no-warnings bench/tick.ts [objectives] [ticks] [window, as 1h or 30d, and hours of minutes before]
// A whole Plimsoll: each tick is fed a minute of traffic through the doors first, one exchange a service, each scored, and then
// measured from its start to the end of its transaction. Once with windows of three days and an hour of history, once with ten times
// both; or with what is asked for.
import { spawnSync } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import type { Window } from '../src/model/config/window.ts';
import { type Exchange, exchange, random, World } from '../test/server/world.ts';
import { at, fleet } from './fleet.ts';

const MINUTE = 60_000;
const LENGTHS = [
  ['3d', '1'],
  ['30d', '10'],
] as const;

const [objectives = '10000', ticks = '30', window, history = '1'] = process.argv.slice(2);
if (window === undefined) everyLength();
else await measure(Number(objectives), Number(ticks), window, Number(history));

/** Each in a process of its own, so that one's memory is not another's. */
function everyLength(): void {
  for (const length of LENGTHS) {
    const args = ['--no-warnings', import.meta.filename, objectives, ticks, ...length];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
}

async function measure(count: number, ticks: number, window: string, historyHours: number): Promise<void> {
  const { names, services, objectives } = fleet(count, window);
  const world = await World.start({ services, objectives });
  const draw = random(1);
  const minute = async (badShare = 0.03): Promise<void> => {
    const asked: Exchange[] = names.map((name) => exchange(name, world.now + 1000 + Math.floor(draw() * 50_000)));
    world.now += MINUTE + 1000;
    await world.spans(asked);
    await world.rate(asked.map((one) => ({ exchange: one, score: draw() < badShare ? 0.2 : 0.9, laterMs: 1000 })));
    world.now -= 1000;
  };
  const judge = async (): Promise<NonNullable<Awaited<ReturnType<typeof world.plimsoll.tick>>>> => {
    world.now += 16_000;
    const report = await world.plimsoll.tick();
    world.now -= 16_000;
    if (report === null) throw new Error('the tick failed');
    if (report.judgedObjectives !== count) throw new Error(`${report.judgedObjectives} objectives were judged`);
    return report;
  };
  // Repeated, a bad one would be an outage.
  await minute(0);
  await judge();
  await world.plimsoll.stop();
  const windowHours = Math.max(...objectives.map((one) => lengthOf(one.window))) / (60 * MINUTE);
  repeatPast(world.file, Math.ceil(windowHours), historyHours * 60);
  await world.boot();
  await minute();
  await judge();
  const took: Record<'settle' | 'judge' | 'write' | 'tick' | 'cpu', number[]> = {
    settle: [],
    judge: [],
    write: [],
    tick: [],
    cpu: [],
  };
  for (let i = 0; i < ticks; i++) {
    await minute();
    // By the writer's thread; a tick would begin with it. What this thread has left to do of the minute's traffic is over then, too.
    const settling = performance.now();
    await world.post('/settle', {});
    took.settle.push(performance.now() - settling);
    await setTimeout(50);
    const before = process.threadCpuUsage();
    const { durationMs, settleMs, writeMs } = await judge();
    const { user, system } = process.threadCpuUsage(before);
    took.cpu.push((user + system) / 1000);
    took.judge.push(durationMs - settleMs - writeMs);
    took.write.push(writeMs);
    took.tick.push(durationMs - settleMs);
  }
  const began = performance.now();
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  const scrapeMs = performance.now() - began;
  const megabytes = process.memoryUsage().rss / 2 ** 20;
  await world.end();
  const ms = (list: readonly number[]): string => `median ${at(list, 0.5)} ms, p95 ${at(list, 0.95)} ms`;
  console.log(
    [
      `${count} objectives, ${names.length} services, windows of ${window}, ${historyHours} h of minutes before, ${ticks} ticks: ${ms(took.tick)}`,
      `  of it judging ${ms(took.judge)}; the judging thread took ${ms(took.cpu)} of CPU in all`,
      `  and writing what was found ${ms(took.write)}`,
      `  before it bringing the minute's tallies into the store (the writer's thread) ${ms(took.settle)}`,
      `  a scrape of ${page.split('\n').length} lines took ${scrapeMs.toFixed(0)} ms; ${megabytes.toFixed(0)} MB`,
    ].join('\n'),
  );
}

function lengthOf(window: Window): number {
  return window.type === 'rolling' ? window.ms : 0;
}

/** Makes the one minute that has been counted the past: that many hours of it, and that many minutes. */
function repeatPast(file: string, hours: number, minutes: number): void {
  const db = new DatabaseSync(file);
  db.exec('pragma journal_mode = wal; pragma synchronous = off');
  const last = db.prepare('select max(minute) as minute from tally').get() as { minute: number };
  const copy = (table: string, at: number, back: number): void => {
    db.prepare(
      `with recursive back(by) as (values (${back}) union all select by - 1 from back where by > 1)
       insert or ignore into ${table} select t.clock, ? - by, t.service, t.dimension, t.value, t.data
       from back cross join tally t where t.clock in (0, 1) and t.minute = ? and t.dimension = 0`,
    ).run(at, last.minute);
  };
  copy('tally', last.minute, minutes);
  copy('tally_hour', Math.floor(last.minute / 60), hours);
  // Of it the last hour is judged again.
  db.exec(`delete from checkpoint; update objective_state set since = ${last.minute - 60}`);
  db.close();
}
