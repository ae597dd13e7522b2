// How long a page of metrics takes, and how long it keeps others waiting: `node --no-warnings bench/scrape.ts [objectives] [rounds]`.
// A whole Plimsoll with so many objectives; another process asks for its page after each tick, as a Prometheus would. Beside it,
// how long the thread of the doors was held at most: while the page was made behind the tick, and while it was sent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { exchange, random, World } from '../test/server/world.ts';
import { at, fleet } from './fleet.ts';

const MINUTE = 60_000;

const [first = '2500', rounds = '10'] = process.argv.slice(2);
if (first.startsWith('http')) process.on('message', () => void scrape(first));
else await measure(Number(first), Number(rounds));

/** In a process of its own: what it takes is not the server's. */
async function scrape(url: string): Promise<void> {
  const began = performance.now();
  const page = await (await fetch(url)).arrayBuffer();
  const ms = performance.now() - began;
  const lines = Buffer.from(page).toString().split('\n');
  process.send!({ ms, bytes: page.byteLength, series: lines.filter((one) => /^[^#]/.test(one)).length });
}

/**
 * The longest that the loop was held while something happened, ms: by the clock, which counts what other processes took of the core,
 * and by the CPU that the thread used from one turn to the next.
 */
async function held<T>(work: () => Promise<T>): Promise<{ result: T; ms: number; cpuMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let longest = 0;
  let before = process.threadCpuUsage();
  const turn = setInterval(() => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, now.user + now.system - before.user - before.system);
    before = now;
  }, 1);
  delay.enable();
  const result = await work();
  delay.disable();
  clearInterval(turn);
  return { result, ms: delay.max / 1e6, cpuMs: longest / 1000 };
}

async function measure(objectives: number, rounds: number): Promise<void> {
  const { names, services, objectives: list } = fleet(objectives, '28d');
  const world = await World.start({ services, objectives: list });
  const draw = random(1);
  const url = `${world.plimsoll.addresses.http}/metrics`;
  // Started once, before: starting a process holds the one that starts it.
  const asker = fork(import.meta.filename, [url], { execArgv: ['--no-warnings'] });
  const ask = async (): Promise<{ ms: number; bytes: number; series: number }> => {
    const answer = once(asker, 'message');
    asker.send('now');
    return (await answer)[0];
  };
  type Times = Record<'scrape' | 'sending' | 'sendingCpu' | 'making' | 'makingCpu' | 'cpu', number[]>;
  const took: Times = { scrape: [], sending: [], sendingCpu: [], making: [], makingCpu: [], cpu: [] };
  let page = { ms: 0, bytes: 0, series: 0 };
  for (let i = 0; i < rounds; i++) {
    const asked = names.map((name) => exchange(name, world.now + 1000 + Math.floor(draw() * 50_000)));
    world.now += MINUTE;
    await world.spans(asked);
    await world.rate(asked.map((one) => ({ exchange: one, score: draw() < 0.03 ? 0.2 : 0.9, laterMs: 1000 })));
    world.now += 15_000;
    if ((await world.plimsoll.tick()) === null) throw new Error('the tick failed');
    world.now -= 15_000;
    // The tick itself is not of this.
    await new Promise((done) => setImmediate(done));
    const cpu = process.threadCpuUsage();
    const making = await held(() => setTimeout(2000));
    const { user, system } = process.threadCpuUsage(cpu);
    const sending = await held(ask);
    page = sending.result;
    // The first page is made when it is asked for, and nobody has asked before.
    if (i === 0) continue;
    took.cpu.push((user + system) / 1000);
    took.making.push(making.ms);
    took.makingCpu.push(making.cpuMs);
    took.scrape.push(page.ms);
    took.sending.push(sending.ms);
    took.sendingCpu.push(sending.cpuMs);
  }
  asker.kill();
  await world.end();
  const ms = (times: readonly number[]): string => `median ${at(times, 0.5)} ms, longest ${at(times, 1)} ms`;
  console.log(
    [
      `${objectives} objectives, ${names.length} services, ${page.series} series, ${(page.bytes / 1e6).toFixed(1)} MB: a scrape took ${ms(took.scrape)}`,
      `  longest turn of the loop in it: ${ms(took.sending)}; of CPU ${ms(took.sendingCpu)}`,
      `  made behind the tick in ${ms(took.cpu)} of CPU; longest turn of the loop in it: ${ms(took.making)}; of CPU ${ms(took.makingCpu)}`,
    ].join('\n'),
  );
}
