import { Worker } from 'node:worker_threads';
import { OperatorError } from '../../model/errors.ts';
import { MOVE_LEASE_MS } from '../moving.ts';
import { HOW_A_COMMAND_COMES_IN, isUnknown, jsonOf, type LocalPlace, LocalServer } from './local-server.ts';

export const MOVE_PATH = '/api/v1/store/move';
/** Deliveries that are under way when the doors are to be held may take some minutes to end. */
const STEP_TIMEOUT_MS = 600_000;

/** What a move is known by at the server. */
export interface MoveSession {
  readonly address: string;
  readonly id: string;
}

/** A running Plimsoll whose store is being moved, as the one who moves it speaks to it. */
export class RunningMove {
  readonly #server: LocalServer;
  readonly #session: MoveSession;
  readonly #lost = new Int32Array(new SharedArrayBuffer(4));
  readonly #thread: Worker;

  private constructor(place: LocalPlace, server: LocalServer, session: MoveSession) {
    this.#server = server;
    this.#session = session;
    const source = import.meta.url.endsWith('.ts') ? './renew-thread.ts' : './renew-thread.js';
    this.#thread = new Worker(new URL(source, import.meta.url), {
      workerData: { ...session, place, everyMs: MOVE_LEASE_MS / 5, lost: this.#lost },
    });
    // What can't be renewed is lost, and the next step finds out.
    this.#thread.on('error', () => Atomics.store(this.#lost, 0, 1));
    this.#thread.unref();
  }

  /** @param to  where to, without a password @throws OperatorError when nobody answers there, or no move may begin */
  static async begin(place: LocalPlace, to: string): Promise<RunningMove> {
    const server = new LocalServer(place);
    const answer = await server.askAny(MOVE_PATH, {
      method: 'POST',
      body: { step: 'begin', to },
      timeout: STEP_TIMEOUT_MS,
    });
    if (answer === null)
      throw unreachable('another process has the store open, and no Plimsoll answers where it should listen');
    const { address, statusCode, said } = answer;
    if (isUnknown(answer)) throw unreachable(`Plimsoll at ${address} does not know who asks`);
    if (statusCode !== 200) throw refused(said);
    return new RunningMove(place, server, { address, id: String(said['id']) });
  }

  /** @throws OperatorError when the server has gone on without us */
  check(): void {
    if (Atomics.load(this.#lost, 0) === 1)
      throw refused({
        code: 'PLIM_MOVE_LOST',
        title: 'the running Plimsoll knows nothing of this move any more',
        detail: 'run plimsoll migrate again: what was copied is copied anew, nothing is lost',
      });
  }

  hold(): Promise<void> {
    return this.#step('hold');
  }

  /** @throws OperatorError when the server has gone on without us, or gives no answer: then the store itself says whether it was left */
  leave(): Promise<void> {
    return this.#step('leave');
  }

  /** Lets the server go on; one that is gone has forgotten by itself. */
  async release(): Promise<void> {
    await this.#step('release').catch(() => {});
  }

  /** Renews no more. */
  close(): void {
    this.#thread.postMessage('close');
  }

  async #step(step: 'hold' | 'release' | 'leave'): Promise<void> {
    const { address, id } = this.#session;
    const answer = await this.#server.ask(address, MOVE_PATH, {
      method: 'POST',
      body: { step, id },
      timeout: STEP_TIMEOUT_MS,
    });
    if (answer === null) throw unreachable(`Plimsoll at ${address} does not answer any more`);
    const body = await jsonOf(answer);
    if (answer.statusCode !== 200) throw refused(body);
  }
}

const refused = ({ code, title, detail }: Readonly<Record<string, unknown>>): OperatorError =>
  new OperatorError(typeof code === 'string' ? code : 'PLIM_MOVE_NO_SERVER', {
    what: String(title ?? 'the running Plimsoll refuses to be moved'),
    fix: String(detail ?? 'its log says why'),
    retryable: true,
  });

const unreachable = (what: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NO_SERVER', {
    what: `the running Plimsoll can't be asked to hold its doors: ${what}`,
    fix: `${HOW_A_COMMAND_COMES_IN}; where it speaks TLS, name its deployment file with --config; or stop it and run this again`,
    retryable: true,
  });
