// npm run golden -- FILE: runs every case of a golden file against the code, ends with the plain line "N passed, N failed".
import { readFileSync } from 'node:fs';
import { runGolden } from './golden-run.ts';

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0) {
  console.error('usage: npm run golden -- FILE (a JSON file of sections with cases, as test/golden/statistics.json)');
  process.exit(2);
}

try {
  const { passed, failures, unknown } = runGolden(readFileSync(file, 'utf8'));
  for (const { id, differences } of failures) console.log(`FAILED  ${id}\n  ${differences.join('\n  ')}`);
  for (const { section, cases } of unknown)
    console.log(
      `NOT RUN  ${section}: nothing here answers this section (${cases} cases, counted neither as passed nor as failed)`,
    );
  if (passed + failures.length === 0) console.log('not a single case was run');
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.error(`${file}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
