// Builds what the published package holds: JavaScript in dist/, and the console in dist/console.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildConsole } from '../src/server/console/ensure.ts';

const run = (command: string, ...args: string[]): void => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed`);
    process.exit(status ?? 1);
  }
};

if (!process.argv.includes('--console')) {
  // The console stays until there is another: somebody may be looking at it, or building it.
  if (existsSync('dist'))
    for (const name of readdirSync('dist'))
      if (!name.startsWith('console')) rmSync(join('dist', name), { recursive: true, force: true });
  run('tsc', '-p', 'tsconfig.build.json');
}
const made = await buildConsole();
if (made.state === 'missing') {
  console.error(`the console was not built: ${made.reason}`);
  process.exit(1);
}
