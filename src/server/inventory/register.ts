import {
  isReadable,
  joinedService,
  type RecordConflict,
  recordConflicts,
  recordedService,
} from '../../catalog/service-records.ts';
import { Service } from '../../model/config/service.ts';
import type { CountedService } from '../../model/names.ts';
import type { ServiceRecord } from '../../model/service-record.ts';
import type { Configuration } from '../plimsoll.ts';

type Files = Pick<Configuration, 'services' | 'documents'>;

const keyOf = ({ name, environment }: CountedService): string => JSON.stringify([name, environment]);

/** What was said of services over the API, beside what their files say. */
export class ServiceRegister {
  #records: ReadonlyMap<string, ServiceRecord> = new Map();
  #unreadable: readonly ServiceRecord[] = [];
  #stored = '[]';
  #alone: readonly Service[] = [];
  #files: Files | null = null;
  #joined: readonly Service[] = [];
  /** Made when it is first asked for. */
  #spoken: ReadonlyMap<string, ReadonlySet<string>> | null = null;

  /** From now on it is these; what no file could say any more is passed over. @returns whether anything is otherwise than before */
  replace(records: readonly ServiceRecord[]): boolean {
    const now = JSON.stringify(records);
    if (now === this.#stored) return false;
    this.#stored = now;
    const readable = records.filter(isReadable);
    this.#unreadable = records.filter((one) => !readable.includes(one));
    this.#records = new Map(readable.map((one) => [keyOf({ ...one, name: one.service }), one]));
    this.#make();
    return true;
  }

  /** Services of files, each with what was said of it. The same files give the same objects until records change. */
  joined(files: Files): readonly Service[] {
    if (files !== this.#files) {
      this.#files = files;
      this.#spoken = null;
      this.#make();
    }
    return this.#joined;
  }

  /** Those that no file declares. */
  get alone(): readonly Service[] {
    return this.#alone;
  }

  /** What another build has stored and this one can't read. */
  get unreadable(): readonly ServiceRecord[] {
    return this.#unreadable;
  }

  get size(): number {
    return this.#records.size;
  }

  recordOf(service: CountedService): ServiceRecord | null {
    return this.#records.get(keyOf(service)) ?? null;
  }

  aloneNamed(service: CountedService): Service | null {
    return this.#alone.find((one) => one.name === service.name && one.environment === service.environment) ?? null;
  }

  conflictsOf(service: CountedService): RecordConflict[] {
    const record = this.recordOf(service);
    const file = this.#fileOf(service);
    return record === null || file === null ? [] : recordConflicts(file, this.#spokenOf(service), record);
  }

  /** Fields that the file says itself; null: there is no file. */
  spokenOf(service: CountedService): ReadonlySet<string> | null {
    return this.#fileOf(service) === null ? null : this.#spokenOf(service);
  }

  #fileOf(service: CountedService): Service | null {
    return this.#files?.services.find((one) => keyOf(one) === keyOf(service)) ?? null;
  }

  #spokenOf(service: CountedService): ReadonlySet<string> {
    this.#spoken ??= spokenIn(this.#files ?? { services: [] });
    return this.#spoken.get(keyOf(service)) ?? new Set();
  }

  #make(): void {
    const files = this.#files?.services ?? [];
    this.#joined = files.map((file): Service => {
      const record = this.recordOf(file);
      return record === null ? file : joinedService(file, this.#spokenOf(file), record);
    });
    const declared = new Set(files.map(keyOf));
    this.#alone = [...this.#records]
      .filter(([key, { fields }]) => !declared.has(key) && Object.keys(fields).length > 0)
      .map(([, record]) => recordedService(record));
  }
}

/** What each file says itself: by its keys where they are known, else by what is not as in a file that says nothing. */
function spokenIn({ services, documents }: Files): Map<string, ReadonlySet<string>> {
  const spoken = new Map<string, ReadonlySet<string>>();
  for (const { kind, value } of documents ?? []) {
    const parsed = kind === 'Service' ? Service.safeParse(value) : null;
    if (parsed?.success !== true) continue;
    const { metadata, spec } = value as { metadata: object; spec?: object };
    spoken.set(keyOf(parsed.data), new Set([...Object.keys(metadata), ...Object.keys(spec ?? {})]));
  }
  const silent: Service = Service.parse({ apiVersion: 'plimsoll/v1', kind: 'Service', metadata: { name: 'x' } });
  for (const service of services) {
    if (spoken.has(keyOf(service))) continue;
    const keys = (Object.keys(service) as (keyof Service)[]).filter(
      (key) => JSON.stringify(service[key]) !== JSON.stringify(silent[key]),
    );
    spoken.set(keyOf(service), new Set(keys.map((key) => (key === 'confirmEveryMs' ? 'confirmEvery' : key))));
  }
  return spoken;
}
