import type { Random } from './random.ts';
import { beta, binomial, poissonSampler, type Sampler } from './samplers.ts';

export interface TrafficSettings {
  /** Events a minute, Poisson. */
  readonly rate: number;
  /** Share of bad ones. */
  readonly share: number;
  /** Correlation of failures within a minute: their share varies from minute to minute as a beta variable. */
  readonly rho?: number;
}

/** Up to this rate so many minutes are empty that they are passed over at once. */
const SPARSE_MAX = 2;

/** Minutes of events, the empty ones passed over. */
export class Traffic {
  /** The minute it stands at, and its counts. */
  minute = -1;
  n = 0;
  bad = 0;
  readonly #random: Random;
  readonly #rate: number;
  readonly #rho: number;
  readonly #events: Sampler;
  #share = 0;
  #badEvents: Sampler | null = null;
  #goodEvents: Sampler | null = null;

  constructor(random: Random, { rate, share, rho = 0 }: TrafficSettings) {
    this.#random = random;
    this.#rate = rate;
    this.#rho = rho;
    this.#events = poissonOf(rate, rate <= SPARSE_MAX ? 1 : 0);
    this.share = share;
  }

  /** The share of bad events from the next minute on. */
  set share(share: number) {
    this.#share = share;
    const isSplit = this.#rate > SPARSE_MAX && this.#rho === 0;
    // Bad and good events of a Poisson stream are Poisson streams, independent of each other.
    this.#badEvents = isSplit && share > 0 ? poissonOf(this.#rate * share, 0) : null;
    this.#goodEvents = isSplit && share < 1 ? poissonOf(this.#rate * (1 - share), 0) : null;
  }

  /** Moves to the next minute that has events; without one before `end` to end - 1, and says false. */
  next(end: number): boolean {
    if (this.#rate <= SPARSE_MAX) return this.#nextSparse(end);
    do {
      if (this.minute + 1 >= end) return false;
      this.minute++;
      this.#count();
    } while (this.n === 0);
    return true;
  }

  #nextSparse(end: number): boolean {
    // Minutes without events before the next are geometric, each being empty with probability exp(-rate).
    this.minute += 1 + Math.floor(-Math.log(1 - this.#random()) / this.#rate);
    if (this.minute >= end) {
      this.minute = end - 1;
      return false;
    }
    this.#count();
    return true;
  }

  #count(): void {
    const random = this.#random;
    if (this.#badEvents !== null || this.#goodEvents !== null) {
      this.bad = this.#badEvents?.(random) ?? 0;
      this.n = this.bad + (this.#goodEvents?.(random) ?? 0);
      return;
    }
    this.n = this.#events(random);
    this.bad = binomial(random, this.n, this.#rho === 0 ? this.#share : this.#shareOfMinute());
  }

  #shareOfMinute(): number {
    const weight = (1 - this.#rho) / this.#rho;
    return beta(this.#random, this.#share * weight, (1 - this.#share) * weight);
  }
}

const samplers = new Map<string, Sampler>();

/** Tables are made once for a mean. */
function poissonOf(mean: number, least: 0 | 1): Sampler {
  const key = `${mean} ${least}`;
  let sampler = samplers.get(key);
  if (sampler === undefined) {
    sampler = poissonSampler(mean, least);
    samplers.set(key, sampler);
  }
  return sampler;
}
