import type { Millis } from '../model/time.ts';
import { type FencingToken, LEASE_MS, type Lease, type LeaseHolder, RENEW_MS } from '../store/lease.ts';

export type Role = 'leader' | 'follower';

export interface LeadershipOptions {
  readonly lease: Lease;
  /** This process, as others see it. */
  readonly holder: string;
  /** A clock that never goes back; only differences count. */
  readonly elapsed: () => Millis;
  /** Runs something later, once; the answer takes it back. */
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Called at every round, after it is known who leads. The next round does not wait for what it begins: a lease is short. */
  readonly onRound: () => void;
  readonly onChange: (role: Role) => void;
  readonly report: (error: unknown) => void;
}

/**
 * Whether this process is the one of several that judges and delivers. The lease is claimed again and again, by leaders to keep
 * it and by the others to get it. What a leader writes carries its token, which the store checks: that this process
 * believes to lead for too long costs work and never a wrong record.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  #held: LeaseHolder | null = null;
  /** When what is held ends by our own clock: counted from before it was asked for. */
  #until: Millis = 0;
  #seen: LeaseHolder | null = null;
  #cancel: () => void = () => {};
  #round: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  /** Null while another one leads, or nobody may be known to. */
  get token(): FencingToken | null {
    return this.#held !== null && this.#options.elapsed() < this.#until ? this.#held.token : null;
  }

  get role(): Role {
    return this.token === null ? 'follower' : 'leader';
  }

  /** Who was seen to lead last; null: nobody yet. */
  get leader(): string | null {
    return this.#seen?.holder ?? null;
  }

  /** Claims once, then by itself. @param byHand  rounds are called for from outside */
  async start(byHand: boolean): Promise<void> {
    await this.round();
    if (!byHand) this.#later();
  }

  #later(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.schedule(RENEW_MS, () => void this.round().then(() => this.#later()));
  }

  /** One claim, and what follows from it; rounds follow each other. */
  round(): Promise<void> {
    this.#round = this.#round.then(() => this.#once());
    return this.#round;
  }

  async #once(): Promise<void> {
    if (this.#isStopped) return;
    const { lease, holder, elapsed, onRound, onChange, report } = this.#options;
    const before = this.#held?.token ?? null;
    const asked = elapsed();
    try {
      const found = await lease.claim(holder);
      this.#seen = found;
      this.#held = found.holder === holder ? found : null;
      this.#until = asked + LEASE_MS;
    } catch (error) {
      // What is held stays so until its end: it may be that only the answer was lost.
      report(error);
      if (this.token === null) this.#held = null;
    }
    if ((this.#held?.token ?? null) !== before) onChange(this.role);
    onRound();
  }

  /** The store has refused this token: another one leads. */
  deposed(): void {
    if (this.#held === null) return;
    this.#held = null;
    this.#options.onChange('follower');
  }

  /** Gives the lease up, so that another one takes over at its next round. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#round;
    const { lease, report } = this.#options;
    const held = this.#held;
    this.#held = null;
    if (held !== null) await lease.release(held).catch(report);
    await lease.close().catch(report);
  }
}
