import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CmdbDocument, servicesOfCmdb } from '../../src/catalog/cmdb-import.ts';
import { cmdbPayload } from '../../src/catalog/cmdb-payload.ts';
import { cmdb } from '../../src/model/config/cmdb.ts';
import { Service } from '../../src/model/config/service.ts';
import { service } from '../server/world.ts';

const CMDB = cmdb.parse({});
const imported = (document: unknown, config = CMDB) => servicesOfCmdb(CmdbDocument.parse(document), config);
/** As a file would hold it, and be read again. */
const loaded = ({ metadata, spec }: { metadata: object; spec: object }): Service =>
  Service.parse(parse(stringify({ apiVersion: 'plimsoll/v1', kind: 'Service', metadata, spec }, { lineWidth: 0 })));

const HOSTILE = [
  'a: b',
  '- x',
  '#',
  '"\n---\nkind: Deployment\n',
  '{{x}}',
  '*all',
  '&a',
  '!!js/function',
  '=cmd()',
  ': ',
  "'",
  '%3A:',
  '\t',
  'null',
  '007',
  '\u2028',
];
const name = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => text.toWellFormed()),
);
const label = fc.constantFrom('bot', 'search', 'crm-helper', 'a');
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const spec = fc.record(
  {
    environment: fc.constantFrom('', 'production', 'EU (west)').map((one) => one || undefined),
    description: maybe(name),
    owner: maybe(fc.record({ name }, { requiredKeys: ['name'] })),
    supportGroup: maybe(name),
    changeGroup: maybe(name),
    criticality: fc.constantFrom(1, 2, 3, 4),
    models: fc.array(fc.record({ provider: name, name, version: name }, { requiredKeys: ['provider', 'name'] }), {
      maxLength: 3,
    }),
    tools: fc.array(fc.record({ name }), { maxLength: 3 }),
    vectorStores: fc.array(fc.record({ index: name }), { maxLength: 2 }),
    agents: fc.array(fc.record({ name }), { maxLength: 2 }),
    dependsOn: fc.array(fc.oneof(label, name), { maxLength: 3 }),
  },
  { requiredKeys: ['criticality', 'models', 'tools', 'vectorStores', 'agents', 'dependsOn'] },
);
const services = fc
  .uniqueArray(fc.tuple(label, spec), {
    maxLength: 4,
    selector: ([one, { environment }]) => `${one} ${environment ?? ''}`,
  })
  .map((all) => all.map(([one, more]) => service(one, JSON.parse(JSON.stringify(more)))));

describe('what is exported for ServiceNow', () => {
  it('is imported as the same inventory, whatever things are called, and nothing of it is left out', () => {
    fc.assert(
      fc.property(services, (before) => {
        const payload = cmdbPayload(before, CMDB, 0);
        const { services: found, leftOut } = imported(JSON.parse(JSON.stringify(payload)));
        const after = found.map(loaded);
        expect(leftOut).toEqual([]);
        expect(cmdbPayload(after, CMDB, 0)).toEqual(payload);
        const inventory = (list: readonly Service[]) =>
          list.map(({ name, environment, supportGroup, criticality, owner, models, tools, agents }) => ({
            name,
            environment,
            supportGroup,
            criticality,
            owner: owner?.email ?? owner?.name ?? null,
            models: new Set(models.map((one) => JSON.stringify([one.provider, one.name, one.version]))),
            tools: new Set(tools.map((one) => one.name)),
            agents: new Set(agents.map((one) => one.name)),
          }));
        expect(inventory(after)).toEqual(inventory(before));
      }),
    );
  });
});

describe('what another tool has made', () => {
  const items = [
    {
      className: 'cmdb_ci_service_auto',
      values: { name: 'Sales Helper', busines_criticality: '2', cost_center: 'CC-1' },
    },
    { className: 'cmdb_ci_ai_model_deployment', values: { name: 'gpt-4o' } },
    { className: 'cmdb_ci_linux_server', internal_id: 'srv', values: { name: 'web-1' } },
    { className: 'cmdb_ci_win_server', values: { name: 'web-2' } },
    { className: 'cmdb_ci_appl', values: { name: 'CRM' }, lookup: [{}] },
    { className: 'cmdb_ci_service_auto', values: { name: 'Search (EU)', environment: 'EU' } },
  ];
  const relations = [
    { parent: 0, child: 1, type: 'Depends on::Used by' },
    { parent: 0, child: 'srv', type: 'Runs on::Runs' },
    { parent: 0, child: 5, type: 'Consumes::Consumed by' },
    { parent: 4, child: 3, type: 'Runs on::Runs' },
    { parent: 0, child: 4, type: 'Likes::Liked by' },
    { parent: 0, child: 9, type: 'Depends on::Used by' },
  ];
  const { services: found, leftOut } = imported({ items, relations });

  it('is read by its tables; what a service stands on is kept by its name', () => {
    expect(found).toMatchObject([
      {
        metadata: { name: 'sales-helper', displayName: 'Sales Helper' },
        spec: {
          criticality: 2,
          models: [{ provider: 'unknown', name: 'gpt-4o' }],
          dependsOn: [{ name: 'web-1', relation: 'runs_on' }, { name: 'search', relation: 'consumes' }, 'CRM'],
        },
      },
      { metadata: { name: 'search', displayName: 'Search' }, spec: { environment: 'EU' } },
    ]);
    for (const one of found) expect(() => loaded(one)).not.toThrow();
  });

  it('nothing is lost in silence: each table, column, item and relation without a place is named', () => {
    expect([...leftOut].sort()).toEqual([
      'columns of cmdb_ci_service_auto: "cost_center"',
      'lookup items of cmdb_ci_appl: "CRM"',
      'relations of items that are not there: "0 → 9"',
      'relations of what is no service: "CRM → web-2"',
      'tables that are kept as dependsOn alone: "cmdb_ci_linux_server"',
      'tables that no kind of item is of: "cmdb_ci_win_server"',
      'types of relations, read as depends_on: "Likes::Liked by"',
    ]);
  });

  it('a type of relation that is called as something every object has is one of no meaning, as others', () => {
    const { services, leftOut } = imported({
      items: [
        { className: CMDB.tables.service, values: { name: 'bot' } },
        { className: 'cmdb_ci_db', values: { name: 'db' } },
      ],
      relations: [{ parent: 0, child: 1, type: 'constructor' }],
    });
    expect(services[0]!.spec).toMatchObject({ dependsOn: ['db'] });
    expect(leftOut).toContain('types of relations, read as depends_on: "constructor"');
  });

  it('tables are configuration', () => {
    const tables = cmdb.parse({ tables: { model: 'x_models', service: 'x_services' } });
    const document = {
      items: [
        { className: 'x_services', values: { name: 'bot' } },
        { className: 'x_models', values: { name: 'm' } },
      ],
      relations: [{ parent: 0, child: 1 }],
    };
    expect(imported(document, tables).services).toMatchObject([{ spec: { models: [{ name: 'm' }] } }]);
    expect(imported(document).services).toEqual([]);
  });
});
