// What benchmarks of whole processes share: starting one, loading it from another one, and reading what it took.
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface LoadResult {
  readonly ackedSpans: number;
  readonly repeatedSpans: number;
  readonly refused: number;
  readonly errors: number;
  readonly feedback: number;
  readonly spansPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly senderCores: number;
  readonly seconds: number;
}

/** Runs bench/load.ts against a door. */
export const load = async (url: string, seconds: number, ...more: string[]): Promise<LoadResult> =>
  JSON.parse(
    (
      await run(process.execPath, [
        '--no-warnings',
        join(import.meta.dirname, 'load.ts'),
        url,
        String(seconds),
        ...more,
      ])
    ).stdout,
  );

/** CPU seconds of a process so far, as the system counts them. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
}

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

export interface Started {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly line: string;
  readonly stop: () => Promise<void>;
}

/** Starts a program and waits until a line of what it says, on either stream, is `ready`. */
export function start(program: string, args: readonly string[], ready: RegExp): Promise<Started> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return new Promise((done, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-100_000);
      const line = output.split('\n').find((one) => ready.test(one));
      if (line !== undefined) done({ pid: child.pid!, line, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
  });
}

/** A script of this project, whose line of JSON says that it is ready. */
export const startScript = (...args: string[]): Promise<Started> =>
  start(process.execPath, ['--no-warnings', ...args], /ready/);

const count = (spans: number): string => `${String(Math.round(spans / 1000)).padStart(4)}k`;

export interface Measured extends LoadResult {
  /** Of the server, in all. */
  readonly cpuSeconds: number;
  /** Spans a second, for each core that the server took. */
  readonly spansPerCore: number;
}

/** One load on a process: what it cost there, and how much memory that took, looked at every second. */
export async function measure(name: string, pid: number, loading: Promise<LoadResult>): Promise<Measured> {
  const before = cpuOf(pid);
  const resident: number[] = [];
  const sampling = setInterval(() => resident.push(residentMb(pid)), 1000);
  const result = await loading;
  clearInterval(sampling);
  const cpuSeconds = cpuOf(pid) - before;
  const spans = result.ackedSpans + result.repeatedSpans;
  const settled = resident.slice(resident.length >> 2);
  const { spansPerSecond, p50Ms, p99Ms, senderCores, refused, errors, seconds } = result;
  console.log(
    [
      `${name.padEnd(38)} ${count(spansPerSecond)} spans/s`,
      `p50 ${p50Ms} ms`,
      `p99 ${p99Ms} ms`,
      `sender ${senderCores} cores`,
      ...(refused + errors > 0 ? [`refused ${refused}`, `errors ${errors}`] : []),
      `server ${((cpuSeconds * 1e6) / spans).toFixed(1)} us/span`,
      `${(cpuSeconds / seconds).toFixed(2)} cores`,
      `RSS ${Math.min(...settled)} to ${Math.max(...settled)} MB`,
    ].join('  '),
  );
  return { ...result, cpuSeconds, spansPerCore: spans / cpuSeconds };
}
