import type { Request } from 'express';
import { readBody, SenderGone } from '../../../collectors/otlp/body.ts';
import { type BodyRoom, bodyRoom } from '../../../collectors/otlp/body-buffer.ts';
import { Refusal } from '../../../collectors/otlp/refusal.ts';
import { Overloaded } from '../../model/ingest.ts';
import { DAY_MS, type Millis } from '../../model/time.ts';
import { type Hook, HookFault, type HookRequest, type RemoteEvent } from '../../sinks/inbound.ts';
import { FailureBook } from '../access/failures.ts';
import { sourceOf } from '../access/gate.ts';
import type { ApiContext } from '../api/context.ts';
import { Problem } from '../api/problem.ts';
import type { Caller } from './callers.ts';
import { KNOWN_FOR } from './inbox.ts';
import { Shares } from './shares.ts';

/** What a callback has to say is short. */
const BODY_MAX_BYTES = 1_048_576;
const BODIES_MAX_BYTES = 16_777_216;
const READ_AT_ONCE_BYTES = 524_288;
/** Who sends is known only when all of it is there: until then nobody gets more for what is only announced. */
const FIRST_BYTES = 65_536;
/** PagerDuty repeats for 48 h. The clocks of tools may be a day ahead: what is taken now is forgotten after what it says is refused. */
const TAKEN_FOR: Millis = KNOWN_FOR - DAY_MS;

interface Taken {
  readonly isSilent: boolean;
  /** Events that are new. */
  readonly taken: number;
}

/** Takes callbacks: finds whose they are, verifies them over their bytes as they came, and has what they tell kept. */
export class HookDesk {
  readonly #context: ApiContext;
  readonly #failures = new FailureBook();
  readonly #room: BodyRoom;
  readonly #shares: Shares;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#room = bodyRoom(BODY_MAX_BYTES, BODIES_MAX_BYTES, READ_AT_ONCE_BYTES, FIRST_BYTES);
    this.#shares = new Shares(this.#room.inFlight);
  }

  take(name: string, request: Request): Promise<Taken> {
    return this.#shares.with(sourceOf(request.socket.remoteAddress), (inFlight) =>
      this.#take(name, request, { ...this.#room, inFlight }),
    );
  }

  async #take(name: string, request: Request, room: BodyRoom): Promise<Taken> {
    const { hooks, metrics } = this.#context;
    const configured = hooks.callers().find((caller) => caller.name === name);
    const hook = configured?.inbound.hook;
    if (configured === undefined || hook === undefined) {
      request.resume();
      throw this.#refused(null, request, {
        status: 404,
        code: 'PLIM_HOOK_UNKNOWN',
        title: 'Nothing is taken here',
        reason: 'no such sink',
        detail: `no sink named ${JSON.stringify(name.slice(0, 64))} takes callbacks: the last part of the address is the name of one under spec.sinks, or under spec.hooks`,
      });
    }
    const secret = await this.#secretsOf(configured, hook, request);
    const body = await this.#bodyOf(request, configured, room);
    try {
      const asked: HookRequest = { headers: headersOf(request), body: body.bytes };
      this.#verify(configured, hook, asked, secret, request);
      const events = this.#read(configured, hook, asked);
      this.#refuseOld(configured, hook, events, request);
      const taken = await hooks.take(name, events);
      metrics.self.hook(name, taken > 0 ? 'taken' : events.length > 0 ? 'duplicate' : 'ignored');
      return { isSilent: hook.silent === true, taken };
    } finally {
      body.release();
    }
  }

  async #secretsOf(configured: Caller, hook: Hook<unknown>, request: Request): Promise<string> {
    const { name, options } = configured;
    const references = hook.secretsOf(options).filter((one) => one != null);
    if (references.length === 0) {
      request.resume();
      throw this.#refused(name, request, {
        status: 403,
        code: 'PLIM_HOOK_NO_SECRET',
        title: 'No secret is configured',
        reason: 'no secret',
        detail: `the sink ${name} has no secret to know callbacks by: docs/guide/coming-back.md says which key holds it`,
      });
    }
    try {
      const read = await Promise.all(references.map((one) => this.#context.hooks.secret(one)));
      const secrets = read.map((one) => one.trim());
      if (!secrets.includes('')) return secrets.join('\n');
    } catch {
      // Told below: a file may come back.
    }
    request.resume();
    this.#context.metrics.self.hook(name, 'failed');
    throw new Problem(
      503,
      'PLIM_HOOK_SECRET',
      'The secret can not be read',
      `the secret ${references.join(' or ')} can't be read just now: send the same again later`,
    );
  }

  async #bodyOf(request: Request, { name }: Caller, room: BodyRoom) {
    try {
      if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity')
        throw new HookFault('it is compressed, and is taken as it is signed');
      return await readBody(request, 'identity', room);
    } catch (error) {
      request.resume();
      if (error instanceof HookFault) throw this.#unreadable(name, error);
      if (error instanceof SenderGone)
        throw new Problem(400, 'PLIM_HOOK_UNREADABLE', 'Nothing came', 'the sender has gone');
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'PLIM_OTLP_OVERLOADED')
        throw new Overloaded(`${room.inFlight.used} bytes of callbacks are being read from there`);
      this.#context.metrics.self.hook(name, 'unreadable');
      throw new Problem(
        413,
        'PLIM_HOOK_TOO_LARGE',
        'The callback is too large',
        `at most ${BODY_MAX_BYTES} bytes are read: nothing that people do needs more`,
      );
    }
  }

  #verify(configured: Caller, hook: Hook<unknown>, asked: HookRequest, secret: string, request: Request): void {
    const verdict = hook.verify(asked, secret, this.#context.now());
    if (verdict === 'genuine') return;
    throw this.#refused(
      configured.name,
      request,
      verdict === 'stale'
        ? {
            status: 401,
            code: 'PLIM_HOOK_STALE',
            title: 'Too old',
            reason: 'stale',
            detail:
              'it was signed more than five minutes ago, or by a clock that is wrong: send it anew, or set the clocks',
          }
        : {
            status: 401,
            code: 'PLIM_HOOK_SIGNATURE',
            title: 'Not signed with the secret of this sink',
            reason: 'wrong signature',
            detail: `compare the secret of the sink ${configured.name} with the one that the tool was given; what is signed is the body as it comes`,
          },
    );
  }

  #read({ name, options }: Caller, hook: Hook<unknown>, asked: HookRequest): readonly RemoteEvent[] {
    const { deployment, hooks } = this.#context;
    try {
      return hook.read(asked, { options, deployment, consoleUrl: hooks.consoleUrl() });
    } catch (error) {
      throw error instanceof HookFault ? this.#unreadable(name, error) : error;
    }
  }

  /** What is signed without a time is known by its id, and ids are forgotten: what is older than that is not taken for the first time. */
  #refuseOld({ name }: Caller, hook: Hook<unknown>, events: readonly RemoteEvent[], request: Request): void {
    const oldest = this.#context.now() - TAKEN_FOR;
    if (hook.isUndated !== true || !events.some(({ at }) => at !== null && at < oldest)) return;
    throw this.#refused(name, request, {
      status: 401,
      code: 'PLIM_HOOK_STALE',
      title: 'Too old',
      reason: 'stale',
      detail: `what it tells happened more than ${TAKEN_FOR / DAY_MS} days ago, and no tool repeats anything for so long: look at the clocks`,
    });
  }

  #unreadable(name: string, { message }: HookFault): Problem {
    this.#context.metrics.self.hook(name, 'unreadable');
    return new Problem(400, 'PLIM_HOOK_UNREADABLE', 'The callback can not be read', message);
  }

  /** Counted, and written down as denied; an address that fails too often is told so, and no more of it is written down. */
  #refused(
    sink: string | null,
    request: Request,
    {
      status,
      code,
      title,
      reason,
      detail,
    }: { status: number; code: string; title: string; reason: string; detail: string },
  ): Problem {
    const { access, metrics } = this.#context;
    const now = this.#context.now();
    const from = sourceOf(request.socket.remoteAddress);
    const ms = this.#failures.lockedFor(from, now);
    if (ms > 0) {
      metrics.self.hook(sink, 'limited');
      return new Problem(
        429,
        'PLIM_HOOK_LOCKED',
        'Too many callbacks were refused',
        `come again in ${Math.ceil(ms / 1000)} s with the right secret: that is taken at any time`,
      );
    }
    metrics.self.hook(sink, 'refused');
    this.#failures.note(from, now);
    access.log.noteOnce(`hook ${sink} ${reason} ${from}`, STRANGER, 'access.denied', {
      door: 'hooks',
      sink,
      reason,
      from,
    });
    return new Problem(status, code, title, detail);
  }
}

const STRANGER = { kind: 'user', id: 'unknown' } as const;

const headersOf = ({ headers }: Request): HookRequest['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
