import type { Cmdb } from '../model/config/cmdb.ts';
import type { Service } from '../model/config/service.ts';
import { iso, type Millis } from '../model/time.ts';
import { CRITICALITIES, CRITICALITY_COLUMN, keyOf } from './cmdb-names.ts';

/** What ServiceNow's identification and reconciliation engine takes: `POST /api/now/identifyreconcile`. */
export interface CmdbPayload {
  readonly items: readonly CmdbItem[];
  /** Places of items, from 0. */
  readonly relations: readonly { readonly parent: number; readonly child: number; readonly type: string }[];
}

export interface CmdbItem {
  readonly className: string;
  readonly internal_id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly lookup: readonly [];
  readonly related: readonly [];
  readonly sys_object_source_info: {
    readonly source_name: string;
    readonly source_native_key: string;
    /** `2026-11-20 12:00:00`, UTC. */
    readonly source_recency_timestamp: string;
  };
}

/** Services with their parts: each part once, whoever stands on it. @param at  as of when the record holds */
export function cmdbPayload(services: readonly Service[], cmdb: Cmdb, at: Millis): CmdbPayload {
  const items: CmdbItem[] = [];
  const places = new Map<string, number>();
  const place = (className: string, key: string, values: CmdbItem['values']): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, items.length);
    items.push({
      className,
      internal_id: key,
      values,
      lookup: [],
      related: [],
      sys_object_source_info: {
        source_name: cmdb.source,
        source_native_key: key,
        source_recency_timestamp: iso(at).slice(0, 19).replace('T', ' '),
      },
    });
    return items.length - 1;
  };
  const placeOf = (service: Service): number =>
    place(cmdb.tables.service, keyOf('service', service.name, service.environment), valuesOf(service));
  for (const service of services) placeOf(service);
  const relations = services.flatMap((service) => {
    const parent = placeOf(service);
    const children = [
      ...service.models.map(({ provider, name, version }) =>
        place(cmdb.tables.model, keyOf('model', provider, name, version ?? ''), {
          name: [provider, name, version].filter((part) => part !== null).join(' '),
        }),
      ),
      ...service.agents.map(({ name }) => place(cmdb.tables.agent, keyOf('agent', name), { name })),
      ...service.tools.map(({ name }) => place(cmdb.tables.tool, keyOf('tool', name), { name })),
      ...service.vectorStores.map(({ index }) =>
        place(cmdb.tables.vectorStore, keyOf('vector_store', index), { name: index }),
      ),
      ...service.dependsOn.flatMap(({ name }) => {
        const upstreams = upstreamsOf(services, service, name);
        return upstreams.length > 0
          ? upstreams.map(placeOf)
          : [place(cmdb.tables.external, keyOf('external', name), { name })];
      }),
    ];
    return [...new Set(children)].map((child) => ({ parent, child, type: cmdb.relation }));
  });
  return { items, relations };
}

/** Those of the same environment, else all that go by the name. */
function upstreamsOf(services: readonly Service[], { environment }: Service, name: string): Service[] {
  const named = services.filter((one) => one.name === name);
  const beside = named.filter((one) => one.environment === environment);
  return beside.length > 0 ? beside : named;
}

function valuesOf(service: Service): CmdbItem['values'] {
  const { owner } = service;
  const values: Record<string, string | null> = {
    name: service.environment === '' ? title(service) : `${title(service)} (${service.environment})`,
    short_description: service.description ?? service.intendedPurpose,
    environment: service.environment || null,
    owned_by: owner === null ? null : (owner.email ?? owner.name),
    support_group: service.supportGroup,
    managed_by_group: service.managedByGroup,
    change_control: service.changeGroup,
    [CRITICALITY_COLUMN]: CRITICALITIES[service.criticality - 1]!,
  };
  return Object.fromEntries(Object.entries(values).filter((one): one is [string, string] => one[1] !== null));
}

const title = ({ displayName, name }: Service): string => displayName ?? name;
