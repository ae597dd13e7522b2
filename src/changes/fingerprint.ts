import { duration } from '../measures/drift-features.ts';
import { effective, represented } from '../measures/sampling.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import {
  type DriftWatchParams,
  type DriftWatchState,
  decodeDriftWatch,
  encodeDriftWatch,
  startDriftWatch,
  TOLERANCES,
  watchDrift,
} from '../objectives/drift-watch.ts';
import { alarmThreshold } from '../objectives/e-detector.ts';
import { extraSquares, extraWeight, TOKENS, TOKENS_KNOWN, tokensRepresented } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { decodeLevel, encodeLevel, type LevelWatch, startLevelWatch, watchLevel } from './level-watch.ts';

/** What of the calls of one model by one service is watched: how long those took that did not fail, and how many tokens answers have. */
export const FINGERPRINTS = ['latency', 'output_tokens'] as const;
export type FingerprintQuantity = (typeof FINGERPRINTS)[number];

/** False jumps of one fingerprint in 30 days, at most and in expectation: one in eight years. */
export const FALSE_JUMPS_PER_30_DAYS = 0.01;
const THRESHOLD = alarmThreshold(FALSE_JUMPS_PER_30_DAYS, 1);
const DRIFT: DriftWatchParams = { kind: 'quantity', threshold: THRESHOLD, tolerance: TOLERANCES.major };
/** What has stayed as it became for so long is what is usual from then on. */
const USUAL_AFTER: Minute = 7 * MINUTES_PER_DAY;

/** A fingerprint over time. It is taken for a week first, and then compared with; after a jump it waits until it is as before, or has stayed for a week. */
export interface FingerprintWatch {
  /** Counts one minute; minutes come in order. @returns the minute in which a jump began, or null */
  count(minute: Minute, tally: Tally): Minute | null;
  /** That what was found is no jump: it watches on. */
  dismiss(): void;
  /** It is another one by intention: it is taken anew. */
  renew(): void;
  encode(): Uint8Array;
}

/** @param stored  a state as `encode` gave it   @throws RangeError when it is of another format: then it is taken anew */
export const watchFingerprint = (quantity: FingerprintQuantity, stored: Uint8Array | null = null): FingerprintWatch =>
  quantity === 'latency' ? new LatencyWatch(stored) : new TokensWatch(stored);

/** The drift detector on the histogram by powers of two. */
class LatencyWatch implements FingerprintWatch {
  #state: DriftWatchState;

  constructor(stored: Uint8Array | null) {
    this.#state = stored === null ? startDriftWatch() : decodeDriftWatch(DRIFT, stored);
  }

  count(minute: Minute, tally: Tally): Minute | null {
    const { counts, isWeighted, worth } = duration.keysOf(tally);
    if (worth === 0) return null;
    const { breach } = this.#state;
    if (breach !== null && minute - breach.alarm >= USUAL_AFTER) this.renew();
    const events = watchDrift(DRIFT, this.#state, minute, { counts, isWeighted, renewed: -1, renewals: 0 });
    for (const event of events) if (event.type === 'alarm') return event.onset;
    return null;
  }

  dismiss(): void {
    this.#state.breach = null;
  }

  renew(): void {
    this.#state = startDriftWatch();
  }

  encode(): Uint8Array {
    return encodeDriftWatch(this.#state);
  }
}

/** The drift detector on the mean of block after block: of tokens there are sums. */
class TokensWatch implements FingerprintWatch {
  #state: LevelWatch;

  constructor(stored: Uint8Array | null) {
    this.#state = stored === null ? startLevelWatch() : decodeLevel(DRIFT, stored);
  }

  count(minute: Minute, tally: Tally): Minute | null {
    const { away } = this.#state;
    if (away !== null && minute - away.since >= USUAL_AFTER) this.renew();
    const { represents, worth, sum } = outputTokens(tally);
    return watchLevel(DRIFT, this.#state, minute, { n: worth, sum: worth === 0 ? 0 : (sum / represents) * worth });
  }

  dismiss(): void {
    this.#state.away = null;
  }

  renew(): void {
    this.#state = startLevelWatch();
  }

  encode(): Uint8Array {
    return encodeLevel(this.#state);
  }
}

/** How long answers are, in tokens, of calls that say it. */
export interface OutputTokens {
  /** Calls seen, how many they stand for, and as how many of one weight they tell. */
  readonly n: number;
  readonly represents: number;
  readonly worth: number;
  /** Of all that they stand for. */
  readonly sum: number;
}

/** What was thought beside the answer is output, too. */
export function outputTokens(tally: Tally): OutputTokens {
  const n = count(tally, TOKENS_KNOWN);
  const extra = { n: extraWeight(tally, TOKENS_KNOWN), bad: 0, squares: extraSquares(tally, TOKENS_KNOWN) };
  if (extra.n === 0)
    return { n, represents: n, worth: n, sum: count(tally, TOKENS.output) + count(tally, TOKENS.reasoning) };
  const seen = { n, bad: 0, extra };
  const sum = tokensRepresented(tally, 'output') + tokensRepresented(tally, 'reasoning');
  return { n, represents: represented(seen).n, worth: effective(seen).n, sum };
}
