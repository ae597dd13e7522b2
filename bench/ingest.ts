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

/** CPU seconds and memory of a process, as the system counts them. */
function usage(pid: number): { cpu: number; rssMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
  return { cpu: (Number(stat[11]) + Number(stat[12])) / 100, rssMb: Math.round(Number(rss) / 1024) };
}

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

const show = (
  name: string,
  { spansPerSecond, p50Ms, p99Ms, senderCores, refused, errors }: LoadResult,
  more = '',
): void =>
  console.log(
    `${name.padEnd(34)} ${String(Math.round(spansPerSecond / 1000)).padStart(4)}k spans/s  p50 ${p50Ms} ms  p99 ${p99Ms} ms  sender ${senderCores} cores${refused + errors > 0 ? `  refused ${refused}  errors ${errors}` : ''}${more}`,
  );

try {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}; traces of 1 to 5 spans of 1 KB, a tenth split, one request in a hundred twice, feedback for one trace in twenty`,
  );
  const ceiling = await start([join(root, 'bench/null-door.ts')]);
  const decoded = await load(JSON.parse(ceiling.line).ready, Math.min(10, seconds));
  await ceiling.stop();
  show('decoding alone (nothing behind it)', decoded);

  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: bench}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0}
  store: {url: "sqlite:./store.db"}
`,
  );
  const server = await start([join(root, 'src/main.ts'), 'serve', '--config', join(folder, 'plimsoll.yaml')]);
  const { http, otlpHttp } = JSON.parse(server.line);
  await load(otlpHttp, 2, '--api', http);
  const before = usage(server.pid);
  const full = await load(otlpHttp, seconds, '--api', http);
  const after = usage(server.pid);
  const perSpan = ((after.cpu - before.cpu) * 1e6) / (full.ackedSpans + full.repeatedSpans);
  show(
    'durable, tallied: as fast as it goes',
    full,
    `  server ${perSpan.toFixed(1)} us/span, ${((after.cpu - before.cpu) / full.seconds).toFixed(2)} cores, RSS ${after.rssMb} MB`,
  );
  console.log(`  / decoding alone: ${(full.spansPerSecond / decoded.spansPerSecond).toFixed(2)}`);
  const half = await load(otlpHttp, Math.min(10, seconds), '--api', http, '--rate', '50000');
  show('the same, offered 50,000 spans/s', half, `  RSS ${usage(server.pid).rssMb} MB`);
  await server.stop();

  const file = join(folder, 'store.db');
  const { compared, differing, unsettled } = verifyStore(file);
  console.log(
    `verify: ${compared} tallies compared, ${differing} differ, ${unsettled} minutes unsettled; ${(statSync(file).size / (full.ackedSpans + half.ackedSpans)).toFixed(0)} bytes a span`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
