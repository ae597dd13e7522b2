import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `ready`: it was built before, or came with the package. `missing`: it could not be built, and why. */
export type ConsoleState =
  | { readonly state: 'ready' }
  | { readonly state: 'built'; readonly ms: number }
  | { readonly state: 'missing'; readonly reason: string };

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const APP = here('./app/');
const BUILT = here('../../../dist/console');
/** What goes into the built console: its own files, and the words and intervals that it shares with the server. */
const SOURCES = [APP, here('../../model/'), here('../../measures/'), here('../../../package-lock.json')];

/** Builds the console of a checkout if its sources are newer than what was built last. In a package there is nothing to do. */
export async function ensureConsole(): Promise<ConsoleState> {
  if (!existsSync(join(APP, 'vite.config.ts')) || !isOlder(join(BUILT, 'index.html'), SOURCES))
    return { state: 'ready' };
  return buildConsole();
}

/** Builds it aside and puts it in place when it is whole: another process may be serving, or building, at the same time. */
export async function buildConsole(): Promise<ConsoleState> {
  const vite = viteScript();
  if (vite === null) return { state: 'missing', reason: 'vite is not installed: run npm ci without --omit=dev' };
  const started = performance.now();
  mkdirSync(dirname(BUILT), { recursive: true });
  const aside = mkdtempSync(`${BUILT}.`);
  try {
    const config = join(APP, 'vite.config.ts');
    const failure = await run([
      vite,
      'build',
      '--config',
      config,
      '--outDir',
      join(aside, 'new'),
      '--logLevel',
      'warn',
    ]);
    if (failure !== null) return { state: 'missing', reason: `vite could not build it: ${failure}` };
    putInPlace(aside);
    return { state: 'built', ms: Math.round(performance.now() - started) };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** The file is not there, or something among the sources was changed after it. */
export function isOlder(file: string, sources: readonly string[]): boolean {
  if (!existsSync(file)) return true;
  const builtAt = statSync(file).mtimeMs;
  return sources.some((source) => existsSync(source) && newest(source) > builtAt);
}

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function viteScript(): string | null {
  try {
    return fileURLToPath(new URL('./bin/vite.js', import.meta.resolve('vite/package.json')));
  } catch {
    return null;
  }
}

/** @returns what it said when it failed, null when it did not */
function run(args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its cache would be left behind in the folder for temporary files.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    });
    let said = '';
    child.stderr.on('data', (data) => {
      said += data;
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : said.trim() || `it ended with ${code}`));
  });
}

function putInPlace(aside: string): void {
  for (let attempt = 1; ; attempt++)
    try {
      if (existsSync(BUILT)) renameSync(BUILT, join(aside, `old-${attempt}`));
      renameSync(join(aside, 'new'), BUILT);
      return;
    } catch (error) {
      // Another process was quicker between the two steps: what it built is as good, and is replaced all the same.
      if (attempt === 3) throw error;
    }
}
