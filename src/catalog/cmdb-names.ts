import type { Cmdb } from '../model/config/cmdb.ts';

/** The column is really spelt so. */
export const CRITICALITY_COLUMN = 'busines_criticality';
export const CRITICALITIES: readonly string[] = [
  '1 - most critical',
  '2 - somewhat critical',
  '3 - less critical',
  '4 - not critical',
];

export const ITEM_KINDS = ['service', 'model', 'agent', 'tool', 'vector_store', 'external'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** By which table an item is known that another tool has made; of one table the first counts, and an application is something outside. */
export const KIND_OF_TABLE: readonly { readonly name: keyof Cmdb['tables']; readonly kind: ItemKind }[] = [
  { name: 'service', kind: 'service' },
  { name: 'model', kind: 'model' },
  { name: 'agent', kind: 'agent' },
  { name: 'external', kind: 'external' },
  { name: 'tool', kind: 'tool' },
  { name: 'vectorStore', kind: 'vector_store' },
];

/** Parts are parted by what no name of a service holds, and what stands in others is written as in addresses. */
export const keyOf = (kind: ItemKind, ...parts: readonly string[]): string =>
  [kind, ...parts].map((part) => encodeURIComponent(part.toWellFormed())).join(':');

/** The parts of a key without its kind; null: it is none. */
export function partsOfKey(key: string): { readonly kind: ItemKind; readonly key: readonly string[] } | null {
  try {
    const [kind, ...parts] = key.split(':').map(decodeURIComponent);
    const known = ITEM_KINDS.find((one) => one === kind);
    return known === undefined || parts.length === 0 ? null : { kind: known, key: parts };
  } catch {
    return null;
  }
}
