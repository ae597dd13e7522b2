import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

export const PROMETHEUS = '/usr/bin/prometheus';
export const hasPrometheus = existsSync(PROMETHEUS);
if (!hasPrometheus)
  console.warn(`SKIPPING the tests against a real Prometheus: ${PROMETHEUS} is not there (Debian: prometheus)`);

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Time and value. */
  readonly values: readonly (readonly [number, string])[];
}

/** A real Prometheus of its own on a free loopback port, that scrapes the targets five times a second. */
export class RealPrometheus {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'plimsoll-prometheus-'));
  #process: ChildProcess | null = null;
  #log = '';

  /** @param targets  `host:port` */
  constructor(port: number, targets: readonly string[]) {
    this.port = port;
    writeFileSync(
      join(this.#folder, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
        scrape_configs: [{ job_name: 'plimsoll', static_configs: [{ targets }] }],
      }),
    );
  }

  async start(): Promise<void> {
    const started = spawn(PROMETHEUS, [
      `--config.file=${join(this.#folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.port}`,
      '--enable-feature=exemplar-storage',
    ]);
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
      });
    this.#process = started;
    await vi.waitFor(async () => {
      if (started.exitCode !== null) throw new Error(`Prometheus ended with ${started.exitCode}: ${this.#log}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/-/ready`);
      if (!answer.ok) throw new Error(`not ready: ${answer.status}`);
    });
  }

  async remove(): Promise<void> {
    const running = this.#process;
    if (running !== null && running.exitCode === null) {
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = (await answer.json()) as { status: string; data: T; error?: string };
    if (body.status !== 'success') throw new Error(`${parameters['query'] ?? path}: ${body.error}`);
    return body.data;
  }

  async instant(query: string): Promise<Series[]> {
    const { result } = await this.get<{ result: { metric: Series['metric']; value: [number, string] }[] }>('query', {
      query,
    });
    return result.map(({ metric, value }) => ({ metric, values: [value] }));
  }

  /** @param start, end  seconds since 1970 */
  async range(query: string, start: number, end: number): Promise<Series[]> {
    const range = { start: String(start), end: String(end), step: '1' };
    return (await this.get<{ result: Series[] }>('query_range', { query, ...range })).result;
  }
}
