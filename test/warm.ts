// Before all tests: where nothing that Node compiles has been kept yet, the program is started once, so that those which tests start, often
// to kill them, find it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function setup(): void {
  const kept = process.env['NODE_COMPILE_CACHE'];
  if (kept === undefined || existsSync(kept)) return;
  spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, '../src/main.ts'), '--version']);
}
