// What the history costs: `node --no-warnings bench/history.ts [objectives] [ticks]`, with a real InfluxDB (Debian package influxdb) in a
// process of its own. A whole Plimsoll, once without a history and once with one, in turns: how long a tick takes, what writing behind it takes
// of the thread of the doors, and how long that is held at most meanwhile. A series-minute is one point of `tally` or `cost`.
import { setTimeout } from 'node:timers/promises';
import { exchange, random, World } from '../test/server/world.ts';
import { freePort } from '../test/standins/free-port.ts';
import { RealInfluxDb } from '../test/standins/real-influxdb.ts';
import { at, fleet } from './fleet.ts';

const MINUTE = 60_000;
const WARM = 5;
const [objectives = '2000', ticks = '20'] = process.argv.slice(2);

const influx = new RealInfluxDb(await freePort(), await freePort());
await influx.start();
const { names, services, objectives: list } = fleet(Number(objectives), '28d');
const egress = { allow: ['127.0.0.1'] };
const worlds = await Promise.all(
  [{}, { history: { url: influx.url } }].map((spec) =>
    World.start({ services, objectives: list, spec: { egress, ...spec } }),
  ),
);
/** The longest turn of the thread from now on, ms of CPU: by the clock it would count what others take of the core. */
function longestTurn(): () => number {
  let longest = 0;
  let before = process.threadCpuUsage();
  const turn = setInterval(() => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user + now.system - before.user - before.system);
    before = now;
  }, 1);
  return () => {
    clearInterval(turn);
    return longest / 1000;
  };
}

const draw = random(1);
const took = worlds.map(() => ({ tick: [] as number[], cpu: [] as number[], held: [] as number[] }));

for (let i = 0; i < Number(ticks); i++)
  for (const [w, world] of worlds.entries()) {
    const from = world.now;
    await world.spans(names.map((name) => exchange(name, from + 1000 + Math.floor(draw() * 50_000))));
    world.now = from + MINUTE + 16_000;
    await world.post('/settle', {});
    await setTimeout(50);
    const began = process.threadCpuUsage();
    const report = await world.plimsoll.tick();
    if (report === null) throw new Error('the tick failed');
    const turns = longestTurn();
    await world.plimsoll.history?.settled();
    await setTimeout(50);
    const held = turns();
    const { user, system } = process.threadCpuUsage(began);
    // The first ones are of code that is new to the machine.
    if (i >= WARM) {
      took[w]!.tick.push(report.durationMs);
      took[w]!.cpu.push((user + system) / 1000);
      took[w]!.held.push(held);
    }
    world.now = from + MINUTE;
  }
const [without, beside] = took as [(typeof took)[0], (typeof took)[0]];
const page = await (await fetch(`${worlds[1]!.plimsoll.addresses.http}/metrics`)).text();
const points = Number(/plimsoll_history_points_total\{result="written"\} (\d+)/.exec(page)![1]) / Number(ticks);
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const more = mean(beside.cpu) - mean(without.cpu);
console.log(
  [
    `${list.length} objectives, ${names.length} services, ${ticks} ticks in turns, ${points.toFixed(0)} points a tick`,
    `  a tick takes median ${at(without.tick, 0.5)} ms without a history, ${at(beside.tick, 0.5)} ms with one`,
    `  with what is done behind it the thread takes ${mean(without.cpu).toFixed(1)} ms of CPU without, ${mean(beside.cpu).toFixed(1)} ms with one: ${((more / points) * 1000).toFixed(2)} ms for 1,000 points`,
    `  behind it the thread is held for ${at(without.held, 0.5)} ms of CPU at most without, ${at(beside.held, 0.5)} ms with one (medians; largest ${at(without.held, 1)}, ${at(beside.held, 1)})`,
  ].join('\n'),
);
for (const world of worlds) await world.end();
await influx.remove();
