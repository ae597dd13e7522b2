import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const PROMTOOL = '/usr/bin/promtool';
export const hasPromtool = existsSync(PROMTOOL);
if (!hasPromtool) console.warn(`SKIPPING the checks by promtool: ${PROMTOOL} is not there (Debian: prometheus)`);

/** Runs promtool. @returns its exit status and everything that it said */
export function promtool(args: readonly string[], input = ''): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, [...args], { input, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
