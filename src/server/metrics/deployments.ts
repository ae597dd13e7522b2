import type { Millis } from '../../model/time.ts';
import type { ServiceLabels } from './names.ts';

/** How long what has answered is held to run. */
const RUNS_FOR_MS = 3_600_000;
/** Of a service: prompts that are made anew for each question have a version each. */
const EACH_MAX = 20;

/** What answers: a version of a model, with a version of a prompt, in a build of the application. What is not known is ''. */
export interface Deployment {
  readonly model: string;
  readonly model_version: string;
  readonly prompt_version: string;
  readonly build: string;
}

/** What has answered within the hour, by service: what did not is taken to be gone. */
export class Deployments {
  readonly #ofServices = new Map<number, { labels: ServiceLabels; seen: Map<string, [Deployment, Millis]> }>();
  readonly #onFull: () => void;

  /** @param onFull  a service runs more than are told apart: that which was seen longest ago is left out */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  /** @param service  the code that it is counted under */
  seen(service: number, labels: ServiceLabels, deployment: Deployment, at: Millis): void {
    let of = this.#ofServices.get(service);
    if (of === undefined) {
      of = { labels, seen: new Map() };
      this.#ofServices.set(service, of);
    }
    const { seen } = of;
    const key = JSON.stringify(deployment);
    // The last seen is the last in the map.
    seen.delete(key);
    seen.set(key, [deployment, at]);
    if (seen.size <= EACH_MAX) return;
    const [oldest, [, seenAt]] = seen.entries().next().value!;
    if (at - seenAt < RUNS_FOR_MS) this.#onFull();
    seen.delete(oldest);
  }

  *running(now: Millis): Generator<ServiceLabels & Deployment> {
    for (const { labels, seen } of this.#ofServices.values())
      for (const [deployment, at] of seen.values()) if (now - at < RUNS_FOR_MS) yield { ...labels, ...deployment };
  }
}
