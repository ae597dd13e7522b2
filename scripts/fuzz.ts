// npm run fuzz [-- COUNT] [--seed N]: gives the decoders and the doors of the API a million inputs that nobody meant.
// npm run fuzz -- --replay TARGET HEX: gives one of them one input again.
import { parseArgs } from 'node:util';
import { progressLine } from '../src/server/cli/progress.ts';
import { fuzz, openTargets } from '../test/fuzz/run.ts';
import { FuzzFailure, runOne } from '../test/fuzz/target.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, replay: { type: 'boolean', default: false } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const { targets, end } = await openTargets(seed);
try {
  if (values.replay) await replay(positionals);
  else await run(Number(positionals[0] ?? 1_000_000));
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof FuzzFailure)) throw error;
  console.error(`\n${error.message}\n\nagain: npm run fuzz -- --replay ${error.target} ${error.input.toString('hex')}`);
} finally {
  await end();
}

async function replay([name, hex = '']: readonly string[]): Promise<void> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined)
    throw new RangeError(`no target is named ${name}: ${targets.map((one) => one.name).join(', ')}`);
  console.log(await runOne(target, Buffer.from(hex, 'hex')));
}

async function run(count: number): Promise<void> {
  console.log(`seed ${seed}`);
  const began = performance.now();
  const line = progressLine('fuzzing', true);
  const tally = await fuzz(targets, count, seed, (done) => line.show(done, count));
  line.end();
  for (const [name, ends] of Object.entries(tally))
    console.log(
      `${name}: ${Object.entries(ends)
        .map(([how, n]) => `${n} ${how}`)
        .join(', ')}`,
    );
  const { maxRSS } = process.resourceUsage();
  console.log(
    `${count} inputs, ${Math.round((performance.now() - began) / 1000)} s, ${Math.round(maxRSS / 1024)} MiB at most`,
  );
}
