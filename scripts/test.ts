// The project's test command: set-up, static checks, tests, and a last plain line "N passed, N failed".
// Arguments are handed to vitest (`npm test -- test/model`).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`Node ${process.version} is too old, 24 or newer is needed. \`npm ci\` (with its scripts) brings one.`);
  process.exit(1);
}

const run = (command: string, args: string[]): number =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } }).status ?? 1;

let passed = 0;
let failed = 0;
const step = (name: string, status: number): void => {
  if (status === 0) passed++;
  else failed++;
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${name}`);
};

step('set-up', run(process.execPath, ['scripts/setup.ts']));
step('biome check', run('biome', ['check', '--error-on-warnings', '.']));
step('tsc', run('tsc', ['--noEmit']));
step('tsc of the console', run('tsc', ['-p', 'src/server/console/app']));

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
const report = join(folder, 'report.json');
const status = run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
]);
let skipped = 0;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped = result.numPendingTests + result.numTodoTests;
  const brokenFiles = result.testResults.filter(
    (file: { status: string; assertionResults: unknown[] }) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  failed += brokenFiles;
} catch (error) {
  console.error(`vitest left no report: ${error}`);
  failed++;
}
rmSync(folder, { recursive: true, force: true });
if (status !== 0 && failed === 0) failed = 1;
if (skipped > 0) console.log(`SKIPPED: ${skipped} tests (named above)`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
