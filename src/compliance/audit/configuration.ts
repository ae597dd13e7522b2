import { canonicalJson, type JsonObject, plainJson } from './canonical-json.ts';
import { hex, sha256 } from './hash.ts';

/** What one document of the configuration was, by a hash. */
export interface DocumentHash {
  /** `Deployment`, `Service`, `Objective`. */
  readonly kind: string;
  readonly name: string;
  /** SHA-256 of its canonical JSON with all defaults, hex. */
  readonly sha256: string;
}

/** One document that is not what it was; null: it was not there, or is not there any more. */
export interface DocumentChange extends JsonObject {
  readonly kind: string;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Secrets are in it as references only. */
export const documentHash = (kind: string, name: string, document: object): DocumentHash => ({
  kind,
  name,
  sha256: hex(sha256(Buffer.from(canonicalJson(plainJson(document))))),
});

/** What differs between two states of a configuration, by kind and name. */
export function documentChanges(before: readonly DocumentHash[], after: readonly DocumentHash[]): DocumentChange[] {
  const keyOf = ({ kind, name }: DocumentHash): string => `${kind}\u0000${name}`;
  const old = new Map(before.map((one) => [keyOf(one), one]));
  const now = new Map(after.map((one) => [keyOf(one), one]));
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was?.sha256 === is?.sha256) return [];
    const { kind, name } = (is ?? was)!;
    return [{ kind, name, before: was?.sha256 ?? null, after: is?.sha256 ?? null }];
  });
}
