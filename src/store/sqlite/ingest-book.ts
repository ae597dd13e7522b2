import type { Code } from '../../model/dictionary.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Millis } from '../../model/time.ts';
import type { DeploymentArrivals, LagArrivals, Signal } from '../arrivals.ts';
import { noRatings } from '../rating.ts';
import { Durations } from './durations.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Upper bounds of how late things come, ms: from what is still live to what corrects last week. */
const LAG_BOUNDS_MS = [
  ...[SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE],
  ...[HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY],
];
/** Of one group; the others are told of with the next one. */
const DEPLOYMENTS_MAX = 200;

const none = (): Record<Signal, number> => ({ interaction: 0, ...noRatings() });

/** Of one group: how late it came, what it corrected of what was counted already, and what was running. */
export class IngestBook {
  readonly #lags = new Map<Signal, Durations>();
  /** By service, which runs a few at a time. */
  readonly #deployments = new Map<Code, DeploymentArrivals[]>();
  #told = 0;
  #corrected = none();
  /** The clock at the commit. */
  now: Millis = 0;

  arrived(signal: Signal, { endTenths }: Interaction): void {
    let lags = this.#lags.get(signal);
    if (lags === undefined) {
      lags = new Durations(LAG_BOUNDS_MS);
      this.#lags.set(signal, lags);
    }
    // A sender's clock may be ahead of ours.
    lags.add(Math.max(0, this.now - endTenths * 100));
  }

  corrected(signal: Signal): void {
    this.#corrected[signal]++;
  }

  /** @param service  what it is counted under */
  ran(service: Code, one: Interaction): void {
    if (this.#told === DEPLOYMENTS_MAX) return;
    let known = this.#deployments.get(service);
    if (known === undefined) {
      known = [];
      this.#deployments.set(service, known);
    }
    for (const other of known) if (isSame(other, one)) return;
    const { requestModel, responseModel, promptVersion, serviceVersion } = one;
    known.push({ service, requestModel, responseModel, promptVersion, serviceVersion });
    this.#told++;
  }

  take(): { lags: LagArrivals[]; corrected: Record<Signal, number>; deployments: DeploymentArrivals[] } {
    return {
      lags: Array.from(this.#lags, ([signal, durations]) => ({ signal, durations })),
      corrected: this.#corrected,
      deployments: [...this.#deployments.values()].flat(),
    };
  }

  clear(): void {
    this.#lags.clear();
    this.#deployments.clear();
    this.#told = 0;
    this.#corrected = none();
  }
}

const isSame = (a: Omit<DeploymentArrivals, 'service'>, b: Omit<DeploymentArrivals, 'service'>): boolean =>
  a.requestModel === b.requestModel &&
  a.responseModel === b.responseModel &&
  a.promptVersion === b.promptVersion &&
  a.serviceVersion === b.serviceVersion;
