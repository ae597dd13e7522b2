// Acknowledged, durable, tallied spans a second through OTLP/HTTP: a real server process, a sender in another process on the
// same machine, next to the ceiling of decoding alone in the same run.
//   node bench/ingest.ts [seconds]
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { verifyStore } from '../src/store/sqlite/verify.ts';

const run = promisify(execFile);
const seconds = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
const root = resolve(import.meta.dirname, '..');

interface LoadResult {
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

const load = async (url: string, forSeconds: number, ...more: string[]): Promise<LoadResult> =>
  JSON.parse(
    (await run(process.execPath, ['--no-warnings', join(root, 'bench/load.ts'), url, String(forSeconds), ...more]))
      .stdout,
  );

/** CPU seconds of a process so far, as the system counts them. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(stat[11]) + Number(stat[12])) / 100;
}

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

function start(command: string[]): Promise<{ pid: number; line: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, ['--no-warnings', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  return new Promise((done, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /^.*ready.*$/m.exec(output);
      if (ready !== null)
        done({
          pid: child.pid!,
          line: ready[0],
          stop: async () => {
            child.kill('SIGTERM');
            await exited;
          },
        });
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)));
  });
}

const count = (spans: number): string => `${String(Math.round(spans / 1000)).padStart(4)}k`;

function show(name: string, result: LoadResult, more: string): void {
  const { spansPerSecond, p50Ms, p99Ms, senderCores, refused, errors } = result;
  const failures = refused + errors > 0 ? `  refused ${refused}  errors ${errors}` : '';
  const latency = `p50 ${p50Ms} ms  p99 ${p99Ms} ms`;
  console.log(
    `${name.padEnd(38)} ${count(spansPerSecond)} spans/s  ${latency}  sender ${senderCores} cores${failures}${more}`,
  );
}

/** One load on the server: what it cost there, and how much memory that took, looked at every second. */
async function measure(name: string, pid: number, loading: Promise<LoadResult>): Promise<LoadResult> {
  const before = cpuOf(pid);
  const resident: number[] = [];
  const sampling = setInterval(() => resident.push(residentMb(pid)), 1000);
  const result = await loading;
  clearInterval(sampling);
  const cpu = cpuOf(pid) - before;
  const perSpan = (cpu * 1e6) / (result.ackedSpans + result.repeatedSpans);
  const settled = resident.slice(resident.length >> 2);
  const memory = `RSS ${Math.min(...settled)} to ${Math.max(...settled)} MB`;
  show(name, result, `  server ${perSpan.toFixed(1)} us/span, ${(cpu / result.seconds).toFixed(2)} cores, ${memory}`);
  return result;
}

try {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}; traces of 1 to 5 spans of 1 KB, a tenth split, one request in a hundred twice, feedback for one trace in twenty`,
  );
  const ceiling = await start([join(root, 'bench/null-door.ts')]);
  const decoded = await load(JSON.parse(ceiling.line).ready, Math.min(10, seconds));
  await ceiling.stop();
  show('decoding alone (nothing behind it)', decoded, '');

  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: bench}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}
  store: {url: "sqlite:./store.db"}
`,
  );
  const server = await start([join(root, 'src/main.ts'), 'serve', '--config', join(folder, 'plimsoll.yaml')]);
  const { http, otlpHttp } = JSON.parse(server.line);
  const { pid } = server;
  const loaded = (forSeconds: number, ...more: string[]): Promise<LoadResult> =>
    load(otlpHttp, forSeconds, '--api', http, ...more);
  let stored = (await loaded(2)).ackedSpans;
  const short = Math.min(15, seconds);
  const full = await measure('durable, tallied: as fast as it goes', pid, loaded(short));
  console.log(`  / decoding alone: ${(full.spansPerSecond / decoded.spansPerSecond).toFixed(2)}`);
  stored += full.ackedSpans;
  stored += (await measure('100,000 spans/s offered', pid, loaded(seconds, '--rate', '100000'))).ackedSpans;
  stored += (await measure('50,000 spans/s offered', pid, loaded(short, '--rate', '50000'))).ackedSpans;
  stored += (
    await measure('40,000 spans/s of 6 KB offered', pid, loaded(short, '--rate', '40000', '--content', '4800'))
  ).ackedSpans;
  await server.stop();

  const file = join(folder, 'store.db');
  const { compared, differing, unsettled } = verifyStore(file);
  console.log(
    `verify: ${compared} tallies compared, ${differing} differ, ${unsettled} minutes unsettled; ${(statSync(file).size / stored).toFixed(0)} bytes a span`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
