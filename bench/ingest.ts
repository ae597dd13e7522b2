// Acknowledged, durable, tallied spans a second through OTLP/HTTP: a real server process, a sender in another process on the
// same machine, next to the ceiling of decoding alone in the same run, and next to a real OpenTelemetry Collector that counts
// spans in memory, where `node bench/peer-otelcol/build.ts` has built one.
//   node bench/ingest.ts [seconds]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { verifyStore } from '../src/store/sqlite/verify.ts';
import { COLLECTOR, hasCollector } from './peer-otelcol/build.ts';
import { load, type Measured, measure, start, startScript } from './processes.ts';

const seconds = Number(process.argv[2] ?? 20);
/** Of all phases but two. */
const short = Math.min(15, seconds);
/** Of that in which waiting is measured: a tick is in it. */
const minute = Math.min(60, seconds);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
const root = resolve(import.meta.dirname, '..');

async function decodingAlone(): Promise<Measured> {
  const door = await startScript(join(root, 'bench/null-door.ts'));
  const { ready } = JSON.parse(door.line);
  await load(ready, Math.min(2, seconds));
  const result = await measure('decoding alone (nothing behind it)', door.pid, load(ready, short));
  await door.stop();
  return result;
}

/** The Collector takes the same spans, counts them by service and operation in memory, and keeps none. */
async function collector(): Promise<Measured> {
  const file = join(folder, 'otelcol.yaml');
  writeFileSync(
    file,
    `receivers: {otlp: {protocols: {http: {endpoint: 127.0.0.1:14318}}}}
connectors: {spanmetrics: {}}
exporters: {nop: {}}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [spanmetrics]}
    metrics: {receivers: [spanmetrics], exporters: [nop]}
`,
  );
  const peer = await start(COLLECTOR, ['--config', file], /Everything is ready/);
  await load('http://127.0.0.1:14318', Math.min(2, seconds));
  const name = 'OpenTelemetry Collector, not durable';
  const result = await measure(name, peer.pid, load('http://127.0.0.1:14318', short));
  await peer.stop();
  return result;
}

async function plimsoll(): Promise<Measured> {
  writeFileSync(
    join(folder, 'plimsoll.yaml'),
    `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: bench}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}
  store: {url: "sqlite:./data/plimsoll.db"}
`,
  );
  // What the package and the image hold: from the sources a server would hold the type stripper, too.
  execFileSync(process.execPath, ['--no-warnings', 'scripts/build.ts'], { cwd: root, stdio: 'inherit' });
  const server = await startScript(join(root, 'dist/src/main.js'), 'serve', '--config', join(folder, 'plimsoll.yaml'));
  const { http, otlpHttp } = JSON.parse(server.line);
  let stored = 0;
  const loaded = async (name: string, forSeconds: number, ...more: string[]): Promise<Measured> => {
    const result = await measure(name, server.pid, load(otlpHttp, forSeconds, '--api', http, ...more));
    stored += result.ackedSpans;
    return result;
  };
  await loaded('(warming up)', Math.min(3, seconds));
  const full = await loaded('durable, tallied: as fast as it goes', short);
  await loaded('100,000 spans/s offered', seconds, '--rate', '100000');
  await loaded('50,000 spans/s offered', minute, '--rate', '50000');
  await loaded('40,000 spans/s of 6 KB offered', short, '--rate', '40000', '--content', '4800');
  await server.stop();
  const file = join(folder, 'data/plimsoll.db');
  const { compared, differing, unsettled } = verifyStore(file);
  console.log(
    `verify: ${compared} tallies compared, ${differing} differ, ${unsettled} minutes unsettled; ${(statSync(file).size / stored).toFixed(0)} bytes a span`,
  );
  return full;
}

try {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}; traces of 1 to 5 spans of 1 KB, a tenth split, one request in a hundred twice, feedback for one trace in twenty`,
  );
  const decoded = await decodingAlone();
  const peer = hasCollector() ? await collector() : null;
  const full = await plimsoll();
  console.log(`durable / decoding alone: ${(full.spansPerSecond / decoded.spansPerSecond).toFixed(2)}`);
  if (peer === null) console.log('SKIPPED the Collector beside it: node bench/peer-otelcol/build.ts builds one');
  else {
    const times = ({ spansPerCore }: Measured): string =>
      `${Math.round(spansPerCore / 1000)}k (${(spansPerCore / peer.spansPerCore).toFixed(1)} times the Collector's)`;
    console.log(
      `spans/s per core: the Collector ${Math.round(peer.spansPerCore / 1000)}k, durable and tallied ${times(full)}, decoding alone ${times(decoded)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
