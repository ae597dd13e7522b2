import { compileObjectives } from '../catalog/objectives.ts';
import type { PlanBook } from '../catalog/plan-book.ts';
import type { Dictionary } from '../model/dictionary.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Reader } from '../store/reader.ts';
import type { Configured } from './reload/configured.ts';

/** The objectives of the configuration in force, made ready from what telemetry and people have brought so far. */
export class CompiledObjectives {
  readonly #configured: Configured;
  readonly #dictionary: Dictionary;
  readonly #plans: PlanBook;
  readonly #reader: Pick<Reader, 'evaluators' | 'labelsAtRandom' | 'evaluatorsSeen' | 'labelsAtRandomSeen'>;
  #evaluators: ReturnType<Reader['evaluators']>;
  #labelsAtRandom: ReturnType<Reader['labelsAtRandom']>;
  #all: readonly Objective[];

  constructor(configured: Configured, dictionary: Dictionary, plans: PlanBook, reader: Reader) {
    this.#configured = configured;
    this.#dictionary = dictionary;
    this.#plans = plans;
    this.#reader = reader;
    this.#evaluators = reader.evaluators();
    this.#labelsAtRandom = reader.labelsAtRandom();
    this.#all = this.compile();
  }

  get all(): readonly Objective[] {
    return this.#all;
  }

  /** Makes them anew. */
  compile(): readonly Objective[] {
    const { objectives, services, deployment } = this.#configured;
    this.#all = compileObjectives({
      objectives,
      services,
      falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
      dictionary: this.#dictionary,
      plans: this.#plans,
      evaluatorsOf: (counted) => this.#evaluators.get(counted) ?? [],
      labelsAtRandomOf: (counted) => this.#labelsAtRandom.get(counted) ?? [],
    });
    return this.#all;
  }

  /** Whether evaluators or labels have come that they do not rest on. */
  get isOutdated(): boolean {
    return (
      this.#reader.evaluatorsSeen() !== sizeOf(this.#evaluators) ||
      this.#reader.labelsAtRandomSeen() !== sizeOf(this.#labelsAtRandom)
    );
  }

  /** Reads what they rest on again, and makes them anew. */
  refresh(): readonly Objective[] {
    this.#evaluators = this.#reader.evaluators();
    this.#labelsAtRandom = this.#reader.labelsAtRandom();
    return this.compile();
  }
}

const sizeOf = (lists: ReadonlyMap<unknown, readonly unknown[]>): number =>
  [...lists.values()].reduce((sum, list) => sum + list.length, 0);
