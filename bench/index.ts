// `npm run bench`: what bench/README.md holds figures of, one after the other. About five minutes.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const benches = [
  ['ingest.ts', '20'],
  ['tick.ts', '10000', '30'],
  ['scrape.ts'],
  ['detector.ts'],
  ['sequences.ts'],
] as const;

for (const [file, ...args] of benches) {
  console.log(`\n${file} ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, file), ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
