import { join, relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What Node has compiled is kept: every world under test starts a thread, and some tests start processes, which would take the types off
 * hundreds of files and compile them again. By that a world costs half as much.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** Longest first: begun last, all others would wait for them. */
const LONG = [
  'test/e2e/demo.test.ts',
  'test/scenarios/history-in-pieces.test.ts',
  'test/server/demo/history.test.ts',
  'test/e2e/kill.test.ts',
  'test/e2e/migrate-running.test.ts',
  'test/e2e/pack.test.ts',
  'test/bench/smoke.test.ts',
  'test/simulate/tables.test.ts',
  'test/scenarios/late-labels.test.ts',
  'test/server/leader.test.ts',
  'test/scenarios/late-data.test.ts',
  'test/scenarios/suppression.test.ts',
  'test/e2e/backup.test.ts',
  'test/scenarios/people.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONG.indexOf(relative(import.meta.dirname, moduleId));
      return at < 0 ? LONG.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // What hangs ends; what is slow because the machine is busy does not.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default'],
    expect: { poll: { timeout: 30_000, interval: 20 } },
    globalSetup: ['test/memory.ts', 'test/warm.ts'],
    setupFiles: ['test/patience.ts'],
    sequence: { sequencer: LongestFirst },
  },
});
