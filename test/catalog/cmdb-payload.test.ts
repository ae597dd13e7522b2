import { expect, it } from 'vitest';
import { cmdbPayload } from '../../src/catalog/cmdb-payload.ts';
import { cmdb } from '../../src/model/config/cmdb.ts';
import { service } from '../server/world.ts';

const services = [
  service('bot', {
    environment: 'production',
    owner: { name: 'Dana', email: 'dana@example.com' },
    criticality: 1,
    models: [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }],
    tools: [{ name: 'mail: send' }],
    dependsOn: ['search', 'crm'],
  }),
  service('search', { models: [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }], dependsOn: ['bot'] }),
];

it('is what the identification engine takes: each thing once, relations by place', () => {
  const tables = { service: 'cmdb_ci_service_discovered' };
  const { items, relations } = cmdbPayload(services, cmdb.parse({ tables }), Date.parse('2026-11-20T12:00:00Z'));
  expect(items.map(({ className, internal_id }) => `${className} ${internal_id}`)).toEqual([
    'cmdb_ci_service_discovered service:bot:production',
    'cmdb_ci_service_discovered service:search:',
    'cmdb_ci_ai_model_deployment model:openai:gpt-4o:2024-08-06',
    'cmdb_ci_appl tool:mail%3A%20send',
    'cmdb_ci_appl external:crm',
  ]);
  expect(items[0]).toEqual({
    className: 'cmdb_ci_service_discovered',
    internal_id: 'service:bot:production',
    values: {
      name: 'bot (production)',
      environment: 'production',
      owned_by: 'dana@example.com',
      busines_criticality: '1 - most critical',
    },
    lookup: [],
    related: [],
    sys_object_source_info: {
      source_name: 'Plimsoll',
      source_native_key: 'service:bot:production',
      source_recency_timestamp: '2026-11-20 12:00:00',
    },
  });
  const type = 'Depends on::Used by';
  expect(relations).toEqual([
    { parent: 0, child: 2, type },
    { parent: 0, child: 3, type },
    { parent: 0, child: 1, type },
    { parent: 0, child: 4, type },
    { parent: 1, child: 2, type },
    { parent: 1, child: 0, type },
  ]);
});
