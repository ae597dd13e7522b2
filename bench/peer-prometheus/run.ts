// What a real Prometheus takes for the same objectives: `node bench/peer-prometheus/run.ts [objectives] [hours of history]`.
// Multi-window burn-rate rules (rules.ts) over counters that were filled in for the hours before, beside a tick of Plimsoll in
// the same run. It needs the Debian package prometheus.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../test/standins/free-port.ts';
import { start } from '../processes.ts';
import { EVENTS, FAILURES, labelsOf, RULES_EACH, ruleFile } from './rules.ts';

const PROMETHEUS = '/usr/bin/prometheus';
const INTERVAL_SECONDS = 60;
/** Rules are evaluated for so many intervals after the first. */
const ROUNDS = 2;
const AHEAD_MINUTES = 15;
const BUDGET = 0.01;

const objectives = Number(process.argv[2] ?? 10_000);
const hours = Number(process.argv[3] ?? 6);
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-peer-'));
try {
  const peer = await measurePrometheus();
  const tick = measureTick();
  console.log(
    [
      `Prometheus ${peer.version}, ${objectives} objectives, ${objectives * RULES_EACH} rules, ${hours} h of history:`,
      `  the last evaluation of every group, added up: ${peer.evaluationMs.toFixed(0)} ms, ${peer.cpuMs.toFixed(0)} ms of CPU a round with all else it does; ${peer.missed} rounds of a group were left out`,
      `Plimsoll, as many objectives, a ticket and a page detector each and a quarter of the same burn-rate rules: median ${tick.ms} ms, ${tick.cpuMs} ms of CPU`,
      `  ${(peer.evaluationMs / tick.ms).toFixed(0)} times as fast, with ${(peer.cpuMs / tick.cpuMs).toFixed(0)} times less CPU`,
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Counters of each objective, a sample a minute, from some hours ago to a little after now. */
function fillIn(): void {
  const text = join(folder, 'history.txt');
  const file = openSync(text, 'w');
  const first = Math.floor(Date.now() / 60_000) - hours * 60;
  const minutes = hours * 60 + AHEAD_MINUTES;
  let part = '';
  const write = (more: string): void => {
    part += more;
    if (part.length < 1 << 22) return;
    writeSync(file, part);
    part = '';
  };
  for (const [name, each] of [
    [EVENTS, 10],
    [FAILURES, 0.05],
  ] as const) {
    write(`# TYPE ${name.replace(/_total$/, '')} counter\n`);
    for (let i = 0; i < objectives; i++) {
      const labels = labelsOf(i);
      for (let k = 0; k < minutes; k++)
        write(`${name}{${labels}} ${Math.floor((k + (i % 97)) * each)} ${(first + k) * 60}\n`);
    }
  }
  writeSync(file, `${part}# EOF\n`);
  closeSync(file);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', text, join(folder, 'data')];
  const { status, stderr } = spawnSync('/usr/bin/promtool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool: ${stderr}`);
  rmSync(text);
}

async function measurePrometheus(): Promise<{ version: string; evaluationMs: number; cpuMs: number; missed: number }> {
  mkdirSync(join(folder, 'data'));
  fillIn();
  writeFileSync(join(folder, 'rules.yml'), ruleFile(objectives, BUDGET));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { evaluation_interval: `${INTERVAL_SECONDS}s` },
      rule_files: [join(folder, 'rules.yml')],
    }),
  );
  const port = await freePort();
  const running = await start(
    PROMETHEUS,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=30d',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    /Server is ready to receive web requests/,
  );
  try {
    const page = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await setTimeout(INTERVAL_SECONDS * 1000);
    const before = await page();
    await setTimeout(ROUNDS * INTERVAL_SECONDS * 1000);
    const after = await page();
    const cpuSeconds = sumOf(after, 'process_cpu_seconds_total') - sumOf(before, 'process_cpu_seconds_total');
    const build = /prometheus_build_info\{[^}]*version="([^"]+)"/.exec(after);
    return {
      version: build?.[1] ?? '?',
      evaluationMs: 1000 * sumOf(after, 'prometheus_rule_group_last_duration_seconds'),
      cpuMs: (1000 * cpuSeconds) / ROUNDS,
      missed: sumOf(after, 'prometheus_rule_group_iterations_missed_total'),
    };
  } finally {
    await running.stop();
  }
}

/** All series of a family added up. */
function sumOf(page: string, family: string): number {
  let sum = 0;
  for (const line of page.split('\n'))
    if (line.startsWith(`${family}{`) || line.startsWith(`${family} `))
      sum += Number(line.slice(line.lastIndexOf(' ')));
  return sum;
}

/** A tick over as many objectives, with windows of thirty days: medians. */
function measureTick(): { ms: number; cpuMs: number } {
  const args = ['--no-warnings', join(import.meta.dirname, '../tick.ts'), String(objectives), '20', '30d', '10'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bench/tick.ts: ${stderr}`);
  process.stdout.write(stdout);
  const [, ms, cpuMs] = /ticks: median ([\d.]+) ms.*?took median ([\d.]+) ms/s.exec(stdout)!;
  return { ms: Number(ms), cpuMs: Number(cpuMs) };
}
