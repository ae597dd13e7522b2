import type { Listener } from '../../incidents/audience.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import type { Objective } from '../../model/config/objective.ts';
import type { Service } from '../../model/config/service.ts';
import type { Millis } from '../../model/time.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import { fallbackIn } from '../config/fallback-checks.ts';
import type { WrittenDocument } from '../config/written.ts';
import { hashOfDocuments } from '../config/written.ts';
import { ServiceRegister } from '../inventory/register.ts';
import type { Configuration } from '../plimsoll.ts';
import type { ConfigurationState, Refusal } from './state.ts';

/** The configuration in force: parts ask here each time, instead of keeping what it said when they were made. */
export class Configured {
  readonly register = new ServiceRegister();
  #now: Configuration;
  #recorded: Configuration | null = null;
  #state: ConfigurationState;
  readonly #onState: (state: ConfigurationState) => void;

  /** @param onState  told of every other state: for metrics */
  constructor(configuration: Configuration, at: Millis, onState: (state: ConfigurationState) => void) {
    this.#now = configuration;
    this.#onState = onState;
    this.#state = { sha256: hashOfDocuments(configuration.documents ?? []), since: at, refusal: null };
  }

  get configuration(): Configuration {
    return this.#now;
  }
  get deployment(): Deployment {
    return this.#now.deployment;
  }
  /** Of the files, each with what was said of it over the API where the file is silent. */
  get services(): readonly Service[] {
    return this.register.joined(this.#now);
  }
  /** The same, with what was said of services over the API; the same object until either changes. */
  get recorded(): Configuration {
    const { services } = this;
    if (this.#recorded?.services !== services || this.#recorded.deployment !== this.#now.deployment)
      this.#recorded = { ...this.#now, services };
    return this.#recorded;
  }
  get objectives(): readonly Objective[] {
    return this.#now.objectives;
  }
  get documents(): readonly WrittenDocument[] {
    return this.#now.documents ?? [];
  }
  get sinkNames(): readonly string[] {
    return this.#now.deployment.sinks.map(({ name }) => name);
  }
  get listeners(): readonly Listener[] {
    const { sinks, escalationPolicies } = this.#now.deployment;
    const named = new Set(escalationPolicies.flatMap(({ levels }) => levels.flatMap((level) => level.sinks)));
    const standIns = new Set(sinks.map(({ name }) => fallbackIn(sinks, name)));
    return sinks.map(({ name, type }) => {
      const { class: sinkClass, everyTransition = false, problem } = sinkTypes[type];
      return {
        name,
        class: sinkClass,
        everyTransition,
        isOfLevel: named.has(name),
        standsIn: standIns.has(name),
        hearsProblems: problem !== undefined,
      };
    });
  }
  get state(): ConfigurationState {
    return this.#state;
  }

  /** What parts are told from now on; that it is in force is said by `confirm`. */
  replace(configuration: Configuration): void {
    this.#now = configuration;
  }

  /** What the files hold is in force. */
  confirm(at: Millis): void {
    this.#set({ sha256: hashOfDocuments(this.documents), since: at, refusal: null });
  }

  /** What the files hold is not in force: what was before still is. */
  refuse(refusal: Refusal): void {
    this.#set({ ...this.#state, refusal });
  }

  #set(state: ConfigurationState): void {
    this.#state = state;
    this.#onState(state);
  }
}
