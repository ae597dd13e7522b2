import { createHash } from 'node:crypto';
import type { DocumentKind } from '../../model/config/document.ts';

/** One document of a configuration as it stands in a file, without its secrets: files hold none. */
export interface WrittenDocument {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly environment: string;
  /** Hex, over what it says: comments, order of keys and layout change nothing. */
  readonly sha256: string;
  readonly value: unknown;
}

export function writtenDocument(kind: DocumentKind, value: unknown): WrittenDocument {
  const { metadata, spec } = value as { metadata?: { name?: string }; spec?: { environment?: unknown } };
  const environment = spec?.environment;
  return {
    kind,
    name: metadata?.name ?? '',
    environment: typeof environment === 'string' ? environment : '',
    sha256: hashOf(value),
    value,
  };
}

/** Of a whole configuration: hex, the same whatever files its documents are spread over. */
export const hashOfDocuments = (documents: readonly WrittenDocument[]): string =>
  hashOf(documents.map(({ sha256 }) => sha256).toSorted());

const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

/** JSON with the keys of each map in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  ) ?? 'null';

export interface ChangedDocument {
  /** `Objective bot-availability`. */
  readonly document: string;
  readonly before: string;
  readonly after: string;
  /** What differs, like `spec.window.rolling`; of a list the list. */
  readonly keys: readonly string[];
}

/** What another configuration changes. It names places and hashes, and no value: nothing in it can be a secret. */
export interface ConfigurationDifference {
  readonly before: string;
  readonly after: string;
  readonly added: readonly { readonly document: string; readonly after: string }[];
  readonly removed: readonly { readonly document: string; readonly before: string }[];
  readonly changed: readonly ChangedDocument[];
}

export function differenceOf(
  before: readonly WrittenDocument[],
  after: readonly WrittenDocument[],
): ConfigurationDifference {
  const old = new Map(before.map((one) => [nameOf(one), one]));
  const fresh = new Map(after.map((one) => [nameOf(one), one]));
  return {
    before: hashOfDocuments(before),
    after: hashOfDocuments(after),
    added: [...fresh].flatMap(([document, { sha256 }]) => (old.has(document) ? [] : [{ document, after: sha256 }])),
    removed: [...old].flatMap(([document, { sha256 }]) => (fresh.has(document) ? [] : [{ document, before: sha256 }])),
    changed: [...fresh].flatMap(([document, { sha256, value }]) => {
      const known = old.get(document);
      if (known === undefined || known.sha256 === sha256) return [];
      return [{ document, before: known.sha256, after: sha256, keys: changedKeys(known.value, value) }];
    }),
  };
}

/** A deployment is the one there is, whatever it is called. */
const nameOf = ({ kind, name, environment }: WrittenDocument): string =>
  kind === 'Deployment' ? kind : [kind, name, ...(environment === '' ? [] : [`(${environment})`])].join(' ');

/** Paths of the values that differ, lists as a whole. */
export function changedKeys(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (!isMap(before) || !isMap(after)) return canonical(before) === canonical(after) ? [] : [path.join('.')];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => changedKeys(before[key], after[key], [...path, key]));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
