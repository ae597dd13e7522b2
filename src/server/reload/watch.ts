import { existsSync, type FSWatcher, lstatSync, realpathSync, watch } from 'node:fs';
import { basename, dirname, matchesGlob, resolve, sep } from 'node:path';
import type { Millis } from '../../model/time.ts';
import type { ConfigurationPlaces } from '../config/load.ts';
import { folderOf } from '../config/places.ts';

/** Quiet for so long after a change: whoever writes several files, or one in pieces, has come to the end. */
const QUIET: Millis = 250;
/** Longest wait for quiet. */
const PATIENCE: Millis = 5_000;

export interface WatchOptions {
  readonly onChange: () => void;
  readonly now: () => Millis;
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** A folder that can't be watched: its files take effect on a signal all the same. */
  readonly onFault: (folder: string, error: Error) => void;
}

/**
 * Says when files of a configuration may have changed. Folders are watched, not files: editors put another file in the
 * place of the old one, an orchestrator turns a link somewhere on the way, a pattern finds files that were not there. It
 * says so rather too often: whoever is told compares.
 */
export class ConfigurationWatch {
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #places: ConfigurationPlaces = { files: [], patterns: [] };
  /** Files by the paths that they are written under, and those that these lead to. */
  #paths: ReadonlySet<string> = new Set();
  #cancel: () => void = () => {};
  #waitsSince: Millis | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Looks at these places from now on. */
  follow(places: ConfigurationPlaces): void {
    this.#places = places;
    const leadTo = places.files.flatMap((file) => (existsSync(file) ? [realpathSync(file)] : []));
    this.#paths = new Set([...places.files, ...leadTo]);
    const wanted = foldersOf([...this.#paths], places.patterns);
    for (const [folder, watcher] of this.#watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    for (const [folder, isDeep] of wanted) this.#watch(folder, isDeep);
  }

  close(): void {
    this.#cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, isDeep: boolean): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { recursive: isDeep, persistent: false }, (_event, name) => {
        if (name === null || this.#isOurs(resolve(folder, name))) this.#changed();
      });
      // It went away: what is there in its place is looked for when something near it changes.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.#changed();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#options.onFault(folder, error as Error);
    }
  }

  /** A file that is read or would be, a folder or link on the way to one, or what orchestrators turn (`..data`). */
  #isOurs(path: string): boolean {
    if (this.#paths.has(path) || basename(path).startsWith('..')) return true;
    const { patterns } = this.#places;
    if (patterns.some((pattern) => matchesGlob(path, pattern))) return true;
    const within = `${path}${sep}`;
    return [...this.#paths, ...patterns].some((one) => one.startsWith(within));
  }

  #changed(): void {
    const { now, schedule, onChange } = this.#options;
    this.#waitsSince ??= now();
    const left = this.#waitsSince + PATIENCE - now();
    this.#cancel();
    this.#cancel = schedule(Math.max(0, Math.min(QUIET, left)), () => {
      this.#waitsSince = null;
      onChange();
    });
  }
}

/** The folders to watch, and whether with all that is in them. */
function foldersOf(files: readonly string[], patterns: readonly string[]): Map<string, boolean> {
  const folders = new Map<string, boolean>();
  const add = (folder: string, isDeep: boolean): void => {
    const there = existing(folder);
    folders.set(there, (folders.get(there) ?? false) || (isDeep && there === folder));
    for (const link of linksOn(there)) if (!folders.has(dirname(link))) folders.set(dirname(link), false);
  };
  for (const file of files) add(dirname(file), false);
  for (const pattern of patterns) {
    const { folder, isDeep } = folderOf(pattern);
    add(folder, isDeep);
  }
  return folders;
}

/** The folder, or the nearest one above it that is there. */
function existing(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

/** The links among the folders of a path: turned elsewhere, they change what is read. */
function linksOn(path: string): string[] {
  const links: string[] = [];
  for (let at = path; dirname(at) !== at; at = dirname(at))
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) links.push(at);
  return links;
}
