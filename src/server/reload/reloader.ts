import type { Logger } from 'pino';
import { OperatorError } from '../../model/errors.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { ConfigurationPlaces } from '../config/load.ts';
import { type ConfigProblem, formatProblems } from '../config/problem.ts';
import type { ConfigurationSource } from '../config/source.ts';
import { hashOfDocuments } from '../config/written.ts';
import type { Plimsoll } from '../plimsoll.ts';
import { checkFolders } from './gone.ts';
import { ConfigurationWatch } from './watch.ts';

export type Trigger = 'signal' | 'files';
export type ReloadOutcome = 'applied' | 'unchanged' | 'refused';

export interface ReloaderOptions {
  readonly source: ConfigurationSource;
  readonly plimsoll: Pick<Plimsoll, 'configured' | 'reconfigure' | 'refuseConfiguration' | 'confirmConfiguration'>;
  readonly log: Logger;
  readonly now: () => Millis;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Told of every attempt when it is over, but for those that found nothing to do. */
  readonly onOutcome?: (outcome: ReloadOutcome, trigger: Trigger) => void;
}

/**
 * Reads the configuration again when it is told to and when its files change, and puts it in force whole, or not at all:
 * then the old one stays, and that it does is said in the log, the metrics, readiness and the console.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: ConfigurationWatch;
  /** Files that what is in force was read from. */
  #inForce: readonly string[];
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ReloaderOptions, places: ConfigurationPlaces) {
    const { now, schedule, log } = options;
    this.#options = options;
    this.#watch = new ConfigurationWatch({
      now,
      schedule,
      onChange: () => void this.reload('files'),
      onFault: (folder, error) =>
        log.warn(
          { folder, reason: error.message },
          'a folder of the configuration can not be watched: send SIGHUP when its files have changed',
        ),
    });
    this.#inForce = places.files;
    this.#watch.follow(places);
  }

  /** One at a time, in order; never fails. */
  reload(trigger: Trigger): Promise<ReloadOutcome> {
    const next = this.#last.then(() => this.#reload(trigger));
    this.#last = next;
    return next;
  }

  /** Looks at nothing more; resolves when what is under way is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    await this.#last;
  }

  async #reload(trigger: Trigger): Promise<ReloadOutcome> {
    if (this.#isClosed) return 'unchanged';
    const { plimsoll, onOutcome } = this.#options;
    const wasRefused = plimsoll.configured.refusal !== null;
    const outcome = await this.#attempt(trigger).catch((error: unknown) => this.#failed(error));
    if (outcome !== 'unchanged' || wasRefused || trigger === 'signal') onOutcome?.(outcome, trigger);
    return outcome;
  }

  async #attempt(trigger: Trigger): Promise<ReloadOutcome> {
    const { source, plimsoll, log, now } = this.#options;
    const loaded = source.load();
    if (!this.#isClosed) this.#watch.follow(loaded);
    if (!loaded.ok) {
      this.#refused(loaded.problems);
      return 'refused';
    }
    const { configuration, warnings } = loaded;
    const { sha256, refusal } = plimsoll.configured;
    if (hashOfDocuments(configuration.documents ?? []) === sha256) {
      if (trigger === 'signal' || refusal !== null) {
        plimsoll.confirmConfiguration();
        log.info({ trigger, sha256 }, 'configuration read again: it says what is in force');
      }
      this.#inForce = loaded.files;
      return 'unchanged';
    }
    checkFolders(loaded.patterns, this.#inForce);
    for (const warning of warnings) log.warn({ code: warning.code }, formatProblems([warning]));
    const difference = await plimsoll.reconfigure(configuration);
    this.#inForce = loaded.files;
    const { added, removed, changed } = difference;
    log.info(
      {
        trigger,
        sha256: difference.after,
        added: added.map(({ document }) => document),
        removed: removed.map(({ document }) => document),
        changed: changed.map(({ document, keys }) => ({ document, keys })),
        at: iso(now()),
      },
      'configuration reloaded: it is in force',
    );
    return 'applied';
  }

  #refused(problems: readonly ConfigProblem[]): void {
    const { plimsoll, log } = this.#options;
    plimsoll.refuseConfiguration(
      problems.map(({ file, line, column, path, code }) => `${file}:${line}:${column} ${path} [${code}]`),
    );
    log.error(
      { problems: problems.map((problem) => formatProblems([problem])) },
      'configuration refused: what was in force still is, nothing of the changed files; plimsoll check says the same',
    );
  }

  #failed(error: unknown): ReloadOutcome {
    const { plimsoll, log } = this.#options;
    const said =
      error instanceof OperatorError
        ? `${error.what} [${error.code}]`
        : 'it could not be put in force: the log has the reason';
    plimsoll.refuseConfiguration([said]);
    if (error instanceof OperatorError) log.error({ code: error.code }, `configuration refused: ${error.message}`);
    else
      log.error({ err: error }, 'configuration not put in force: what was in force still is; send SIGHUP to try again');
    return 'refused';
  }
}
