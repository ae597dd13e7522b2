import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

export const ALERTMANAGER = '/usr/bin/prometheus-alertmanager';
export const hasAlertmanager = existsSync(ALERTMANAGER);
if (!hasAlertmanager)
  console.warn(
    `SKIPPING the tests against a real Alertmanager: ${ALERTMANAGER} is not there (Debian: prometheus-alertmanager)`,
  );

export interface ListedAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** A real Alertmanager of its own, alone, on a free loopback port, that notifies `receiver` at once. */
export class RealAlertmanager {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'plimsoll-alertmanager-'));
  #process: ChildProcess | null = null;
  #log = '';

  constructor(port: number, receiver: string) {
    this.port = port;
    writeFileSync(
      join(this.#folder, 'alertmanager.yml'),
      JSON.stringify({
        route: { receiver: 'test', group_by: ['incident', 'severity'], group_wait: '0s', group_interval: '1s' },
        receivers: [{ name: 'test', webhook_configs: [{ url: receiver, send_resolved: true }] }],
      }),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const started = spawn(ALERTMANAGER, [
      `--config.file=${join(this.#folder, 'alertmanager.yml')}`,
      `--storage.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      '--cluster.listen-address=',
    ]);
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
      });
    this.#process = started;
    await vi.waitFor(async () => {
      if (started.exitCode !== null) throw new Error(`Alertmanager ended with ${started.exitCode}: ${this.#log}`);
      const answer = await fetch(`${this.url}/-/ready`);
      if (!answer.ok) throw new Error(`not ready: ${answer.status}`);
    });
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
    this.#process = null;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Alerts that fire. */
  async firing(): Promise<ListedAlert[]> {
    const answer = await fetch(`${this.url}/api/v2/alerts`);
    return (await answer.json()) as ListedAlert[];
  }
}
