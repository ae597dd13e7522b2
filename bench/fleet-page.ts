// How long the queries of the fleet's page take: `node --no-warnings bench/fleet-page.ts [services] [seconds between scrapes]`.
// A real Prometheus with three hours of what is drawn over time, made beforehand, and one scrape of everything else; a real InfluxDB with a
// month of incidents. Every query of the page, its variables and its annotations, one after the other and all at once as a browser asks them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { generated } from '../dashboards/index.ts';
import { type Document, dataPanelsOf } from '../dashboards/lint/document.ts';
import { interpolate } from '../dashboards/lint/interpolate.ts';
import { freePort } from '../test/standins/free-port.ts';
import { INFLUXDB } from '../test/standins/influxdb-program.ts';

const services = Number(process.argv[2] ?? '1000');
const every = Number(process.argv[3] ?? '15');
const OBJECTIVES = ['availability', 'latency'];
const VERDICTS = ['met', 'at_risk', 'breached', 'insufficient_evidence'];
const OPERATIONS = 10;
const HOURS = 3;
const POINTS = 36;
const ROUNDS = 5;
const PROMETHEUS = '/usr/bin/prometheus';
const PROMTOOL = '/usr/bin/promtool';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-fleet-page-'));
const now = Math.floor(Date.now() / 1000);
const running: ChildProcess[] = [];
try {
  await bench();
} finally {
  for (const one of running) {
    const ended = new Promise((resolve) => one.once('exit', resolve));
    one.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Of a hundred services one is in trouble, one at risk, three can't be judged. */
function verdictOf(service: number, at: number): string {
  const k = service % 100;
  if (k === 0) return at > now - 3600 ? 'breached' : 'met';
  if (k === 1) return 'at_risk';
  return k < 5 ? 'insufficient_evidence' : 'met';
}

function verdictLines(service: number): { labels: string; verdict: string }[] {
  return OBJECTIVES.flatMap((objective) =>
    VERDICTS.map((verdict) => ({
      labels: `service="service-${service}",objective="${objective}",verdict="${verdict}"`,
      verdict,
    })),
  );
}

/** Of a service, at a time: what is drawn over time. */
function drawn(service: number, at: number): { family: string; labels: string; value: number }[] {
  return [
    ...verdictLines(service).flatMap(({ labels, verdict }) => {
      const isIt = verdictOf(service, at) === verdict;
      return [
        { family: 'plimsoll_objective_verdict', labels, value: isIt ? 1 : 0 },
        ...(isIt && verdict !== 'met' ? [{ family: 'plimsoll_objective_not_met', labels, value: 1 }] : []),
      ];
    }),
    {
      family: 'plimsoll_last_change_timestamp_seconds',
      labels: `service="service-${service}",change_type="prompt"`,
      // One service in ten was changed meanwhile.
      value: service % 10 === 0 && at > now - 5400 ? now - 5400 - service : now - 86_400,
    },
  ];
}

/** All of that as it would have been scraped. */
async function past(): Promise<void> {
  const file = createWriteStream(join(folder, 'past.txt'));
  for (let service = 0; service < services; service++) {
    let lines = '';
    for (let at = now - HOURS * 3600; at < now - 60; at += every)
      for (const { family, labels, value } of drawn(service, at))
        lines += `${family}{job="plimsoll",instance="a",${labels}} ${value} ${at}\n`;
    if (!file.write(lines)) await once(file, 'drain');
  }
  file.end('# EOF\n');
  await finished(file);
  execFileSync(PROMTOOL, ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'past.txt'), join(folder, 'data')]);
}

/** What is scraped: of each service what it has on /metrics of what the page asks. */
function page(): string {
  const lines = ['plimsoll_build_info{version="1"} 1', `plimsoll_judged_through_timestamp_seconds ${now}`];
  const counts = new Map(VERDICTS.map((verdict) => [verdict, 0]));
  for (let i = 0; i < services; i++) {
    counts.set(verdictOf(i, now), counts.get(verdictOf(i, now))! + OBJECTIVES.length);
    const of = `service="service-${i}"`;
    for (const { family, labels, value } of drawn(i, now)) lines.push(`${family}{${labels}} ${value}`);
    for (const objective of OBJECTIVES) {
      const at = `${of},objective="${objective}"`;
      lines.push(`plimsoll_objective_error_budget_remaining_ci_lower_ratio{${at}} ${1 - (i % 113) / 100}`);
      for (const window of ['5m', '30m', '1h', '2h', '6h', '1d', '3d'])
        lines.push(`plimsoll_objective_burn_rate_ci_lower{${at},window="${window}"} ${(i % 97) / 50}`);
      lines.push(`plimsoll_measure_window_events{${of},measure="${objective}",window="1h"} ${i % 71}`);
      lines.push(`plimsoll_objective_evidence_ratio{${at},detector="ticket"} ${(i % 89) / 100}`);
    }
    for (const severity of ['P1', 'P2', 'P3', 'P4', 'P5'])
      lines.push(`plimsoll_incidents_open{${of},severity="${severity}"} ${i % 100 === 0 && severity === 'P2' ? 1 : 0}`);
    for (let k = 0; k < OPERATIONS; k++)
      for (const outcome of ['success', 'error', 'timeout', 'content'])
        lines.push(
          `plimsoll_interactions_total{${of},operation="o${k}",outcome="${outcome}"} ${Math.floor(Date.now() / 100)}`,
        );
  }
  for (const [verdict, n] of counts)
    lines.push(`plimsoll_fleet_objectives{deployment="plimsoll",verdict="${verdict}"} ${n}`);
  for (const severity of ['P1', 'P2', 'P3', 'P4', 'P5'])
    lines.push(`plimsoll_fleet_incidents_open{deployment="plimsoll",severity="${severity}"} 1`);
  return `${lines.join('\n')}\n`;
}

async function start(program: string, args: readonly string[], ready: string): Promise<void> {
  const one = spawn(program, args, { stdio: 'ignore' });
  running.push(one);
  for (let i = 0; i < 600; i++) {
    if (one.exitCode !== null) throw new Error(`${program} ended with ${one.exitCode}`);
    if (
      await fetch(ready).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await setTimeout(100);
  }
  throw new Error(`${program} does not answer`);
}

async function prometheus(): Promise<string> {
  await past();
  const server = createServer((_request, response) => response.end(page())).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${await freePort()}`;
  const job = {
    job_name: 'plimsoll',
    scrape_interval: '20s',
    scrape_timeout: '20s',
    static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { instance: 'a' } }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ scrape_configs: [job] }));
  const args = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  await start(PROMETHEUS, [...args, `--web.listen-address=${new URL(url).host}`], `${url}/-/ready`);
  // Nothing of the page is a rate: one is enough.
  const scraped = `${url}/api/v1/query?query=${encodeURIComponent('count_over_time(up[1m]) >= 1')}`;
  while (((await (await fetch(scraped)).json()) as { data: { result: unknown[] } }).data.result.length === 0)
    await setTimeout(500);
  return url;
}

async function influxdb(): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const at = (name: string): string => JSON.stringify(join(folder, name));
  writeFileSync(
    join(folder, 'influxdb.conf'),
    `reporting-disabled = true\nbind-address = "127.0.0.1:${await freePort()}"\n[meta]\ndir = ${at('meta')}\n[data]\ndir = ${at('influx')}\nwal-dir = ${at('wal')}\nindex-version = "tsi1"\n[monitor]\nstore-enabled = false\n[http]\nbind-address = "${new URL(url).host}"\nlog-enabled = false\n`,
  );
  await start(INFLUXDB, ['run', '-config', join(folder, 'influxdb.conf')], `${url}/ping`);
  await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q: 'CREATE DATABASE "plimsoll"' }) });
  const lines = Array.from({ length: services * 5 }, (_, i) => {
    const begin = now - Math.floor((i / (services * 5)) * 30 * 86_400);
    return `incident,service=service-${i % services},severity=P${1 + (i % 5)},id=INC-${i} text="it broke",number="INC-${i}",until=${(begin + 1800) * 1000}i,open=false,resolve_s=1800i ${begin}`;
  });
  const { status } = await fetch(`${url}/write?db=plimsoll&precision=s`, { method: 'POST', body: lines.join('\n') });
  if (status !== 204) throw new Error(`InfluxDB answers ${status}`);
  return url;
}

/** What both servers have used, in steps of 10 ms: what others take of the cores is not in it. */
function cpuMs(): number {
  const fields = running.map(({ pid }) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '));
  return fields.reduce((sum, one) => sum + 10 * (Number(one[11]) + Number(one[12])), 0);
}

async function bench(): Promise<void> {
  const [prom, influx] = [await prometheus(), await influxdb()];
  const document = generated()
    .map(({ text }) => JSON.parse(text) as Document)
    .find(({ uid }) => uid === 'plimsoll-fleet')!;
  // The only rate is that of the annotation, whose step is five minutes.
  const variables = { job: '.+', instance: '.+', __rate_interval: '315s', __range: `${HOURS}h`, __interval: '2m' };
  const fill = (text: string): string =>
    interpolate(text, { ...variables, timeFilter: `time >= ${now - HOURS * 3600}s AND time <= ${now + 600}s` });
  const step = (HOURS * 3600) / POINTS;
  const ranged = (expr: string, by: number): string => {
    const end = Math.floor(Date.now() / 1000);
    const range = { start: String(end - HOURS * 3600), end: String(end), step: String(by) };
    return `${prom}/api/v1/query_range?${new URLSearchParams({ query: fill(expr), ...range })}`;
  };
  const instant = (expr: string): string => `${prom}/api/v1/query?${new URLSearchParams({ query: fill(expr) })}`;
  const history = (query: string): string =>
    `${influx}/query?${new URLSearchParams({ db: 'plimsoll', q: fill(query) })}`;
  const values = (selector: string, label: string): string =>
    `${prom}/api/v1/label/${label}/values?${new URLSearchParams({ 'match[]': selector })}`;
  const queries: [string, () => string][] = [
    ['variable job', () => values('plimsoll_build_info', 'job')],
    ['variable instance', () => values('plimsoll_build_info{job=~".+"}', 'instance')],
    ...dataPanelsOf(document).flatMap(({ title, targets }) =>
      targets!.map(({ expr, query, instant: isNow }): [string, () => string] => [
        title!,
        () => (query !== undefined ? history(query) : isNow === true ? instant(expr!) : ranged(expr!, step)),
      ]),
    ),
    ...document.annotations!.list.map(({ name, expr, target }): [string, () => string] => [
      `annotation ${name}`,
      () => (target === undefined ? ranged(expr!, 300) : history(target.query!)),
    ]),
  ];
  const ask = async (url: string): Promise<number> => {
    const began = performance.now();
    const answer = await fetch(url);
    const text = await answer.text();
    if (!answer.ok || text.includes('"error"')) throw new Error(`${url}: ${text.slice(0, 300)}`);
    return performance.now() - began;
  };
  const took = new Map<string, number[]>(queries.map(([name]) => [name, []]));
  const whole: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, url] of queries) took.get(name)!.push(await ask(url()));
    const [began, before] = [performance.now(), cpuMs()];
    await Promise.all(queries.map(([, url]) => ask(url())));
    whole.push(performance.now() - began);
    cpu.push(cpuMs() - before);
  }
  const median = (list: readonly number[]): number =>
    Math.round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!);
  console.log(
    `${services} services, ${services * OBJECTIVES.length} objectives, ${HOURS} h at ${every} s, ${page().split('\n').length} series a scrape`,
  );
  for (const [name, list] of took) console.log(`${name.padEnd(32)} ${median(list)} ms`);
  console.log(`${'slowest of them'.padEnd(32)} ${Math.max(...[...took.values()].map(median))} ms`);
  console.log(`${'all at once'.padEnd(32)} ${median(whole)} ms, ${median(cpu)} ms of CPU of both servers`);
}
