// How long one minute of judging takes over a thousand objectives: `node --no-warnings bench/tick.ts [objectives] [ticks]`.
// A whole Plimsoll with a day of history; each tick is fed a minute of traffic first, and then measured from its start to
// the end of its transaction.
import { type Exchange, exchange, objective, service, World } from '../test/server/world.ts';

const OBJECTIVES = Number(process.argv[2] ?? 1000);
const TICKS = Number(process.argv[3] ?? 30);
const EACH = 4;
const MINUTE = 60_000;
const HISTORY_MINUTES = 1440;

const names = Array.from({ length: OBJECTIVES / EACH }, (_, i) => `service-${i}`);
const promises = (name: string) =>
  [
    { measure: { type: 'availability' }, target: 0.99 },
    { measure: { type: 'availability' }, target: 0.995, alert: { detector: 'burn_rate' } },
    { measure: { type: 'latency', threshold: '2s' }, target: 0.95 },
    { measure: { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.7' }, target: 0.9 },
  ].map((spec, i) => objective(`${name}-${i}`, { service: name, ...spec }));

const world = await World.start({
  services: names.map((name) =>
    service(name, { evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } } }),
  ),
  objectives: names.flatMap(promises),
});

/** One exchange a service and minute, each scored. */
async function minutes(count: number): Promise<void> {
  const asked: Exchange[] = [];
  for (let i = 0; i < count; i++, world.now += MINUTE)
    for (const name of names) asked.push(exchange(name, world.now + 1000 + Math.floor(Math.random() * 50_000)));
  world.now += 1000;
  await world.spans(asked);
  await world.rate(asked.map((one) => ({ exchange: one, score: Math.random() < 0.03 ? 0.2 : 0.9, laterMs: 1000 })));
  world.now -= 1000;
}

for (let i = 0; i < HISTORY_MINUTES; i += 60) await minutes(60);
world.now += 16_000;
await world.plimsoll.tick();
world.now -= 16_000;
const took: number[] = [];
const settling: number[] = [];
for (let i = 0; i < TICKS; i++) {
  await minutes(1);
  world.now += 16_000;
  const report = await world.plimsoll.tick();
  world.now -= 16_000;
  if (report === null) throw new Error('the tick failed');
  if (report.judgedObjectives !== OBJECTIVES) throw new Error(`${report.judgedObjectives} objectives were judged`);
  took.push(report.durationMs);
  settling.push(report.settleMs);
}
await world.end();
const at = (list: readonly number[], share: number): string =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))]!.toFixed(1);
const judging = took.map((ms, i) => ms - settling[i]!);
console.log(
  `${OBJECTIVES} objectives, ${names.length} services, ${TICKS} ticks: median ${at(took, 0.5)} ms, p95 ${at(took, 0.95)} ms; of it ${at(settling, 0.5)} ms to bring the minute's tallies into the store, ${at(judging, 0.5)} ms (p95 ${at(judging, 0.95)}) to judge and write`,
);
