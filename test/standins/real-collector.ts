import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLLECTOR, hasCollector } from '../../bench/peer-otelcol/build.ts';
import { Program } from '../e2e/process.ts';
import { freePort } from './free-port.ts';

export const isCollectorThere = hasCollector();
if (!isCollectorThere)
  console.warn('SKIPPING the tests with a real OpenTelemetry Collector: npm run test:collector builds one (needs Go)');

/** A real OpenTelemetry Collector with a configuration of the project's, but for its addresses and its folder. */
export class RealCollector {
  readonly #folder: string;
  readonly #args: readonly string[];
  readonly port: number;
  #program: Program | null = null;

  private constructor(folder: string, port: number, args: readonly string[]) {
    this.#folder = folder;
    this.port = port;
    this.#args = args;
  }

  /** @param config, target  the file that is tried, and where its exporter is to send to */
  static async prepare(config: string, target: string, folder: string): Promise<RealCollector> {
    const port = await freePort();
    const here = join(folder, 'here.yaml');
    const at = (free: number): object => ({ endpoint: `127.0.0.1:${free}` });
    // The Collector merges its configurations, the later wins. JSON is YAML.
    const overrides = {
      extensions: { file_storage: { directory: join(folder, 'queue') } },
      receivers: { otlp: { protocols: { http: at(port), grpc: at(await freePort()) } } },
      exporters: { 'otlphttp/plimsoll': { endpoint: target, retry_on_failure: { max_interval: '1s' } } },
      service: { telemetry: { metrics: { level: 'none' } } },
    };
    writeFileSync(here, JSON.stringify(overrides));
    return new RealCollector(folder, port, ['--config', config, '--config', here]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    this.#program = new Program(COLLECTOR, this.#args, { cwd: this.#folder });
    await this.#program.line(/Everything is ready/);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.#program?.stop(signal);
  }
}
