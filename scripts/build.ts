// Builds what the published package holds: JavaScript in dist/, and the console in dist/console.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

const run = (command: string, ...args: string[]): void => {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed`);
    process.exit(status ?? 1);
  }
};

const onlyConsole = process.argv.includes('--console');
if (!onlyConsole) {
  rmSync('dist', { recursive: true, force: true });
  run('tsc', '-p', 'tsconfig.build.json');
}
if (existsSync('src/server/console/app/vite.config.ts'))
  run('vite', 'build', '--config', 'src/server/console/app/vite.config.ts', '--logLevel', 'warn');
