// `node bench/peer-otelcol/build.ts`: builds a real OpenTelemetry Collector into node_modules/.cache (a minute or two, once) and
// prints where it is; where it can't, it says why. Needs Go and the Go module proxy. Nothing of this project depends on it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.165.0';
const RECIPE = join(import.meta.dirname, 'builder.yaml');
/** Another recipe is another Collector. */
const FOLDER = resolve(
  import.meta.dirname,
  '../../node_modules/.cache/peer-otelcol',
  createHash('sha256').update(BUILDER).update(readFileSync(RECIPE)).digest('hex').slice(0, 12),
);

/** The Collector, once it is built. */
export const COLLECTOR = join(FOLDER, 'source/otelcol');
export const hasCollector = (): boolean => existsSync(COLLECTOR);

/** Builds it if it isn't there. @returns why it can't be built, or null */
export function buildCollector(): string | null {
  if (hasCollector()) return null;
  mkdirSync(FOLDER, { recursive: true });
  const args = ['run', BUILDER, '--config', RECIPE];
  const { status, error, stderr } = spawnSync('go', args, { cwd: FOLDER, encoding: 'utf8' });
  if (status === 0 && hasCollector()) return null;
  return `go ${args.join(' ')}: ${error?.message ?? stderr.trim().split('\n').slice(-3).join(' ')}`;
}

if (import.meta.main) {
  const problem = buildCollector();
  if (problem === null) console.log(COLLECTOR);
  else console.error(`no OpenTelemetry Collector here: ${problem}`);
  process.exitCode = problem === null ? 0 : 1;
}
