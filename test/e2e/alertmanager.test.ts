import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { freePort } from '../standins/free-port.ts';
import { eventually, Program, type Served, serve } from './process.ts';

const ALERTMANAGER = '/usr/bin/prometheus-alertmanager';
const isThere = existsSync(ALERTMANAGER);
if (!isThere) console.warn(`SKIPPED: ${ALERTMANAGER} is not installed (Debian package prometheus-alertmanager)`);

const MINUTE = 60_000;

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: { readonly state: string };
}

/** A recording as it was exported, at another time and under ids of its own. */
function replay(recording: string, end: number): string {
  const text = readFileSync(new URL(`../golden/otlp/${recording}.otlp.json`, import.meta.url), 'utf8');
  const ends = [...text.matchAll(/"endTimeUnixNano": ?"(\d+)"/g)].map((match) => BigInt(match[1]!));
  const shift = BigInt(end) * 1_000_000n - ends.sort((a, b) => Number(a - b)).at(-1)!;
  const ids = new Map<string, string>();
  return text
    .replaceAll(
      /"(start|end)TimeUnixNano": ?"(\d+)"/g,
      (_, which, nanos) => `"${which}TimeUnixNano": "${BigInt(nanos) + shift}"`,
    )
    .replaceAll(/"(traceId|spanId|parentSpanId)": ?"([0-9a-f]+)"/g, (_, which, id: string) => {
      const fresh = ids.get(id) ?? randomBytes(id.length / 2).toString('hex');
      ids.set(id, fresh);
      return `"${which}": "${fresh}"`;
    });
}

/** Several recordings as one request. */
const together = (bodies: readonly string[]): string =>
  JSON.stringify({ resourceSpans: bodies.flatMap((body) => JSON.parse(body).resourceSpans) });

const GOOD = [
  'otel-instrumentation-openai-0.22.0__chat',
  'otel-instrumentation-openai-0.22.0__rag',
  'otel-instrumentation-openai-0.22.0__toolloop-jsonexporter',
];
const BAD = ['otel-instrumentation-openai-0.22.0__error429', 'otel-instrumentation-openai-0.22.0__error500'];

describe.skipIf(!isThere)('a service that breaks and is mended, seen in a real Alertmanager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-e2e-'));
  let alertmanager: Program;
  let address: string;
  let server: Served;
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;

  const alerts = async (): Promise<Alert[]> => (await (await fetch(`${address}/api/v2/alerts`)).json()) as Alert[];
  const incidents = async (): Promise<IncidentJson[]> =>
    ((await (await fetch(`${server.http}/api/v1/incidents`)).json()) as { incidents: IncidentJson[] }).incidents;

  /** Traffic of minutes of event time, `from` and `to` counted back from now, exclusive of `to`. */
  async function traffic(from: number, to: number, recordings: readonly string[], perMinute: number): Promise<void> {
    for (let minute = from; minute > to; ) {
      const bodies: string[] = [];
      for (; minute > to && bodies.length < 400; minute--)
        for (let k = 0; k < perMinute; k++)
          bodies.push(replay(recordings[(minute + k) % recordings.length]!, now - minute * MINUTE + 1000 + k * 2000));
      const response = await fetch(`${server.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: together(bodies),
      });
      expect([response.status, await response.text()]).toEqual([200, '{}']);
    }
  }

  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(folder, 'alertmanager.yml'),
      'route: {receiver: none, group_wait: 1s}\nreceivers: [{name: none}]\n',
    );
    alertmanager = new Program(
      ALERTMANAGER,
      [
        `--config.file=${folder}/alertmanager.yml`,
        `--storage.path=${folder}/am`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { cwd: folder },
    );
    await eventually('Alertmanager is ready', async () => (await fetch(`${address}/-/ready`)).ok);
    writeFileSync(
      join(folder, 'plimsoll.yaml'),
      `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: e2e}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0}
  store: {url: "sqlite:./store.db"}
  judge: {every: 500ms, grace: 0s}
  sinks: [{name: am, type: alertmanager, urls: ["${address}"]}]
  egress: {allow: [127.0.0.1/32]}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: support-assistant, displayName: Support assistant}
spec:
  owner: {name: Dana Ruiz}
  criticality: 2
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: support-assistant-availability}
spec: {service: support-assistant, kind: SLA, measure: {type: availability}, target: 0.95}
`,
    );
    server = await serve(folder);
  });

  afterAll(async () => {
    await server?.program.stop();
    await alertmanager?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is silent while the service is well', async () => {
    await traffic(600, 45, GOOD, 4);
    await eventually('the objective is judged', async () => {
      const objective = (await (
        await fetch(`${server.http}/api/v1/objectives/support-assistant-availability`)
      ).json()) as {
        verdict: string;
        estimate: { n: number } | null;
      };
      return objective.verdict === 'met' && objective.estimate?.n === 2220;
    });
    expect(await incidents()).toEqual([]);
    expect(await alerts()).toEqual([]);
  });

  it('fires when it breaks, once, with what a person needs', async () => {
    await traffic(45, 33, BAD, 4);
    const [incident] = await eventually('an incident', async () => {
      const found = await incidents();
      return found.length > 0 && found;
    });
    // Half of the failures are rate limits.
    expect(incident).toMatchObject({
      id: 'INC-1',
      state: 'new',
      category: 'ai.availability.rate_limited',
      detectedLate: true,
    });
    expect(Date.parse(incident!.startedAt)).toBe(now - 45 * MINUTE);
    const firing = await eventually('a firing alert', async () => {
      const found = await alerts();
      return found.length > 0 && found;
    });
    expect(firing).toHaveLength(1);
    expect(firing[0]).toMatchObject({
      labels: {
        alertname: 'PlimsollBreach',
        service: 'support-assistant',
        objective: 'support-assistant-availability',
        kind: 'sla',
        incident: 'INC-1',
        category: 'ai.availability.rate_limited',
      },
      status: { state: 'active' },
    });
    expect(Date.parse(firing[0]!.endsAt)).toBeGreaterThan(Date.now());
    expect(firing[0]!.annotations['summary']).toContain('support-assistant');
    await eventually('the delivery is recorded', async () => {
      const one = (await (await fetch(`${server.http}/api/v1/incidents/INC-1`)).json()) as {
        deliveries: { sink: string; state: string }[];
      };
      return one.deliveries.some((delivery) => delivery.sink === 'am' && delivery.state === 'delivered');
    });
  });

  it('resolves when it is mended, and nothing else was ever said', async () => {
    await traffic(33, 1, GOOD, 4);
    await eventually('the incident is resolved', async () => (await incidents())[0]?.state === 'resolved');
    await eventually('the alert is over', async () =>
      (await alerts()).every((alert) => Date.parse(alert.endsAt) <= Date.now()),
    );
    const all = await incidents();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ state: 'resolved', closeCode: 'recovered_automatically' });
    expect(Date.parse(all[0]!.resolvedAt!)).toBeGreaterThan(now - 33 * MINUTE);
  });
});
