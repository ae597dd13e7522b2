import { z } from 'zod';
import type { Cmdb } from '../model/config/cmdb.ts';
import { labelOf, toLabel } from '../model/config/fields.ts';
import { CRITICALITIES, CRITICALITY_COLUMN, type ItemKind, KIND_OF_TABLE, partsOfKey } from './cmdb-names.ts';

const words = z.string().transform((text) => text.toWellFormed());
/** ServiceNow writes texts; other tools write numbers and flags as well. */
const value = z.union([words, z.number(), z.boolean(), z.null()]).transform((one) => (one === null ? '' : String(one)));
const place = z.union([z.int().min(0), words]);
const item = z.looseObject({
  className: words,
  internal_id: words.optional(),
  values: z.record(z.string(), value).default({}),
  lookup: z.array(z.unknown()).default([]),
  related: z.array(z.unknown()).default([]),
  sys_object_source_info: z
    .looseObject({ source_name: words.optional(), source_native_key: words.optional() })
    .optional(),
});

/** What an identification and reconciliation engine takes, as far as it is read here. */
export const CmdbDocument = z.looseObject({
  items: z.array(item),
  relations: z.array(z.looseObject({ parent: place, child: place, type: words.default('') })).default([]),
});
export type CmdbDocument = z.output<typeof CmdbDocument>;
type Item = CmdbDocument['items'][number];

export interface ImportedService {
  /** Of its item, from 0. */
  readonly place: number;
  readonly metadata: { readonly name: string; readonly displayName?: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Services as their files would hold them, not checked yet, and a line for everything that has no place in a file. */
export interface CmdbImport {
  readonly services: readonly ImportedService[];
  readonly leftOut: readonly string[];
}

const RELATIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'Depends on::Used by': 'depends_on',
    'Runs on::Runs': 'runs_on',
    'Hosted on::Hosts': 'hosted_on',
    'Contains::Contained by': 'contains',
    'Consumes::Consumed by': 'consumes',
  }),
);

/** Columns that a file has a place for, and those that say nothing. */
const COLUMNS = [
  'name',
  'short_description',
  'environment',
  'owned_by',
  'support_group',
  'managed_by_group',
  'change_control',
  CRITICALITY_COLUMN,
];
const EXAMPLES_MAX = 5;

/**
 * The inverse of the export. What an item is says the key that Plimsoll gave it, else the table that it is of: an application is something
 * outside then. What a service stands on and has no kind here is kept by its name, under `dependsOn`.
 */
export function servicesOfCmdb({ items, relations }: CmdbDocument, cmdb: Cmdb): CmdbImport {
  const kinds = items.map((one) => kindOf(one, cmdb));
  const indexOf = new Map(items.map((one, i) => [one.internal_id, i]));
  const indexAt = (at: number | string): number | undefined => {
    const index = typeof at === 'number' ? at : indexOf.get(at);
    return index !== undefined && items[index] !== undefined ? index : undefined;
  };
  const left = new Left();
  const used = new Set<number>();
  const parts = new Map<number, { index: number; relation: string }[]>();
  for (const { parent, child, type } of relations) {
    const [from, to] = [indexAt(parent), indexAt(child)];
    if (from === undefined || to === undefined) {
      left.add('relations of items that are not there', `${parent} → ${child}`);
      continue;
    }
    if (kinds[from]!.kind !== 'service') {
      left.add('relations of what is no service', `${nameOf(items[from]!)} → ${nameOf(items[to]!)}`);
      continue;
    }
    const relation = type === cmdb.relation ? 'depends_on' : RELATIONS.get(type);
    if (relation === undefined) left.add('types of relations, read as depends_on', type);
    used.add(to);
    const its = parts.get(from) ?? [];
    its.push({ index: to, relation: relation ?? 'depends_on' });
    parts.set(from, its);
  }
  const services = items.flatMap((one, index) => {
    const { kind, key } = kinds[index]!;
    for (const column of Object.keys(one.values))
      if (one.values[column] !== '' && !(kind === 'service' ? COLUMNS : ['name']).includes(column))
        left.add(`columns of ${one.className}`, column);
    if (one.lookup.length > 0) left.add(`lookup items of ${one.className}`, nameOf(one));
    if (one.related.length > 0) left.add(`related items of ${one.className}`, nameOf(one));
    if (kind === 'unknown')
      left.add(
        used.has(index) ? 'tables that are kept as dependsOn alone' : 'tables that no kind of item is of',
        one.className,
      );
    else if (kind !== 'service' && !used.has(index)) left.add('items that no service stands on', nameOf(one));
    if (kind !== 'service') return [];
    const its = (parts.get(index) ?? []).map((part) => ({ ...part, item: items[part.index]!, ...kinds[part.index]! }));
    return [serviceOf(one, index, key, its, left)];
  });
  return { services, leftOut: left.lines() };
}

type Part = {
  readonly item: Item;
  readonly kind: ItemKind | 'unknown';
  readonly key: readonly string[];
  readonly relation: string;
};

function serviceOf(
  { values }: Item,
  place: number,
  key: readonly string[],
  parts: readonly Part[],
  left: Left,
): ImportedService {
  const { name, title, environment } = titleOf(values, key);
  const [sentName = name] = key;
  const of = (kind: ItemKind): Part[] => parts.filter((one) => one.kind === kind);
  const names = (kind: ItemKind): string[] => unique(of(kind).map((one) => one.key[0] ?? nameOf(one.item)));
  const upstream = parts.filter(({ kind }) => kind === 'service' || kind === 'external' || kind === 'unknown');
  const dependsOn = upstream.map(({ kind, key, item, relation }) => {
    const [own] = key;
    const upstreamName = kind === 'service' ? titleOf(item.values, key).name : (own ?? nameOf(item));
    return relation === 'depends_on' ? upstreamName : { name: upstreamName, relation };
  });
  const criticality = criticalityOf(values[CRITICALITY_COLUMN] ?? '', left);
  const spec = {
    ...(sentName !== name && { match: { 'service.name': sentName } }),
    ...present({
      environment,
      description: values['short_description'],
      owner: ownerOf(values['owned_by'] ?? ''),
      supportGroup: values['support_group'],
      managedByGroup: values['managed_by_group'],
      changeGroup: values['change_control'],
      criticality,
    }),
    ...listed('models', unique(of('model').map(modelOf))),
    ...listed(
      'tools',
      names('tool').map((tool) => ({ name: tool })),
    ),
    ...listed(
      'vectorStores',
      names('vector_store').map((index) => ({ index })),
    ),
    ...listed(
      'agents',
      names('agent').map((agent) => ({ name: agent })),
    ),
    ...listed('dependsOn', unique(dependsOn)),
  };
  return { place, metadata: { name, ...(title !== '' && title !== name && { displayName: title }) }, spec };
}

/** A name as the export writes it, with its environment behind it, taken apart. */
function titleOf(values: Item['values'], key: readonly string[]): { name: string; title: string; environment: string } {
  const environment = key[1] ?? values['environment'] ?? '';
  const suffix = ` (${environment})`;
  const written = values['name'] ?? '';
  const title = environment !== '' && written.endsWith(suffix) ? written.slice(0, -suffix.length) : written;
  return { name: key[0] === undefined ? toLabel(title) : labelOf(key[0]), title, environment };
}

/** What an item is, and the parts of the key that Plimsoll gave it: none where another tool made it. */
function kindOf(
  { className, internal_id, sys_object_source_info: source }: Item,
  { source: own, tables }: Cmdb,
): { readonly kind: ItemKind | 'unknown'; readonly key: readonly string[] } {
  const isOwn = source?.source_name === own;
  const known = isOwn ? partsOfKey(source.source_native_key ?? internal_id ?? '') : null;
  if (known !== null) return known;
  const table = KIND_OF_TABLE.find(({ name }) => tables[name] === className);
  return { kind: table?.kind ?? 'unknown', key: [] };
}

function modelOf({ key: [provider, name, version], item }: Part): object {
  if (provider === undefined || name === undefined) return { provider: 'unknown', name: nameOf(item) };
  return { provider, name, ...(version !== undefined && version !== '' && { version }) };
}

const nameOf = ({ values, internal_id, className }: Item): string => values['name'] || internal_id || className;

/** `dana@example.com` is both: whoever is asked first, and a way to them. */
const ownerOf = (text: string): object | undefined =>
  text === '' ? undefined : { name: text, ...(z.email().safeParse(text).success && { email: text }) };

/** `2 - somewhat critical`, or the figure alone. */
function criticalityOf(text: string, left: Left): number | undefined {
  if (text === '') return undefined;
  const figure = CRITICALITIES.indexOf(text) + 1 || Number(/^([1-4])(?: - .*)?$/.exec(text)?.[1] ?? Number.NaN);
  if (!Number.isNaN(figure)) return figure;
  left.add('criticalities', text);
  return undefined;
}

const present = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, one]) => one !== undefined && one !== ''));
const listed = (key: string, list: readonly unknown[]): Record<string, unknown> =>
  list.length === 0 ? {} : { [key]: list };
const unique = <T>(list: readonly T[]): T[] => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];

/** What has no place in a file, by what it is. */
class Left {
  readonly #seen = new Map<string, Map<string, number>>();

  add(what: string, which: string): void {
    const those = this.#seen.get(what) ?? new Map<string, number>();
    this.#seen.set(what, those.set(which, (those.get(which) ?? 0) + 1));
  }

  lines(): string[] {
    return [...this.#seen].map(([what, those]) => {
      const more = those.size - EXAMPLES_MAX;
      const shown = [...those]
        .slice(0, EXAMPLES_MAX)
        .map(([which, n]) => `${JSON.stringify(which)}${n === 1 ? '' : ` (${n})`}`);
      return `${what}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    });
  }
}
