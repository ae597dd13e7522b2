import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A source file of ours as Node runs it here: TypeScript in a checkout, JavaScript in the package. `path` without extension. */
export const programFile = (path: string): string =>
  fileURLToPath(new URL(`${path}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

const STOP_MS = 15_000;

/** A process of the demo: its output goes to a file, and it does not outlive the demo. */
export class Child {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<unknown>;
  #output = '';
  #looking: (() => void) | null = null;

  constructor(name: string, args: readonly string[], options: { cwd: string; env: Record<string, string> }) {
    this.#name = name;
    // A group of its own: Ctrl-C reaches the demo, which stops its processes in order.
    this.#child = spawn(process.execPath, ['--no-warnings', ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const log = createWriteStream(`${options.cwd}/${name}.log`);
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        log.write(chunk);
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
        this.#looking?.();
      });
    this.#exited = once(this.#child, 'exit').then(() => {
      log.end();
      this.#looking?.();
    });
    process.once('exit', this.#kill);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The first match in its output. @throws Error when it ends without one, with the last it said */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#looking = () => {
        const match = pattern.exec(this.#output);
        if (match !== null) resolve(match);
        else if (this.hasEnded)
          reject(new Error(`${this.#name} ended before it was ready:\n${this.#output.slice(-2000)}`));
        else return;
        this.#looking = null;
      };
      this.#looking();
    });
  }

  /** In order; by force when that takes too long. */
  async stop(): Promise<void> {
    if (!this.hasEnded) {
      this.#child.kill('SIGTERM');
      const timer = setTimeout(this.#kill, STOP_MS);
      await this.#exited;
      clearTimeout(timer);
    }
    process.off('exit', this.#kill);
  }

  readonly #kill = (): void => {
    if (!this.hasEnded) this.#child.kill('SIGKILL');
  };
}
