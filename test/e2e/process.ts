import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
export const MAIN = resolve(ROOT, 'src/main.ts');

/** A program under test: its output, and what waits for a line of it. */
export class Program {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  /** Both streams as they came, and the first alone. */
  output = '';
  stdout = '';
  readonly #waiting = new Set<() => void>();

  constructor(command: string, args: readonly string[], options: { cwd: string; env?: Record<string, string> }) {
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, NODE_NO_WARNINGS: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    // Nothing is left behind when the tests themselves are stopped.
    const kill = (): void => {
      if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-this.child.pid!, 'SIGKILL');
    };
    process.once('exit', kill);
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        if (stream === this.child.stdout) this.stdout += chunk.toString();
        for (const wake of this.#waiting) wake();
      });
    void this.exited.then(() => {
      process.off('exit', kill);
      for (const wake of this.#waiting) wake();
    });
  }

  /** Resolves with the match as soon as the output has one; rejects when the program ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.output);
        if (match !== null) {
          this.#waiting.delete(look);
          resolve(match);
        } else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          this.#waiting.delete(look);
          reject(new Error(`ended before ${pattern}:\n${this.output.slice(-3000)}`));
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Signals the whole group, as Ctrl-C in a terminal does: what a wrapper started hears it too. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(-this.child.pid!, signal);
    return this.exited;
  }
}

/** A started server, by its addresses. */
export interface Served {
  readonly program: Program;
  readonly http: string;
  readonly otlpHttp: string;
}

export async function serve(folder: string, env: Record<string, string> = {}): Promise<Served> {
  const program = new Program(process.execPath, [MAIN, 'serve', '--config', `${folder}/plimsoll.yaml`], {
    cwd: folder,
    env,
  });
  const [, json] = await program.line(/^(\{.*"msg":"ready"\})$/m);
  const { http, otlpHttp } = JSON.parse(json!);
  return { program, http, otlpHttp };
}

/** Asks again and again until the answer is there; what is waited for is another program. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < until) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what}: not within ${withinMs / 1000} s${last === undefined ? '' : ` (${last})`}`);
}
