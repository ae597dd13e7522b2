import { expect, it } from 'vitest';
import { type Called, dependencyEdges } from '../../src/catalog/dependency-graph.ts';
import { servicesAbove } from '../../src/catalog/impact.ts';
import { service } from '../server/world.ts';

const called = (kind: Called['kind'], name: string, more: Partial<Called> = {}): Called => ({
  kind,
  name,
  provider: kind === 'model' ? 'openai' : null,
  n: 10,
  failed: 1,
  ...more,
});
const linked = (name: string, spec: object | null, calls: readonly Called[] = []) => ({
  service: { name, environment: '' },
  declared: spec === null ? null : service(name, spec),
  called: calls,
});

it('what the file says and what calls show are both there, and it is said which is which', () => {
  const edges = dependencyEdges([
    linked(
      'bot',
      {
        dependsOn: ['openai', { name: 'search', criticality: 1 }, 'crm'],
        models: [
          { provider: 'openai', name: 'gpt-4o', version: '2024-08-06' },
          { provider: 'openai', name: 'o3' },
        ],
        tools: [{ name: 'mail' }],
      },
      [
        called('model', 'gpt-4o-2024-08-06', { n: 7, failed: 2 }),
        called('model', 'gpt-4o-2024-11-20', { n: 3, failed: 0 }),
        called('tool', 'mail'),
        called('tool', 'pay'),
        called('vector_store', 'kb'),
      ],
    ),
    linked('search', {}),
    linked('shop', null, [called('agent', 'bot')]),
  ]);
  const told = edges.map(({ service: { name: of }, kind, name, source, n }) => `${of} ${kind} ${name} ${source} ${n}`);
  expect(told).toEqual([
    'bot external openai both 10',
    'bot service search declared 0',
    'bot external crm declared 0',
    'bot model o3 declared 0',
    'bot model gpt-4o-2024-08-06 both 7',
    'bot model gpt-4o-2024-11-20 called 3',
    'bot tool mail both 10',
    'bot tool pay called 10',
    'bot vector_store kb called 10',
    'shop service bot called 10',
  ]);
  expect(edges[1]).toMatchObject({ criticality: 1, relation: 'depends_on' });
});

it('a service that is declared and called is counted once', () => {
  const edges = dependencyEdges([linked('shop', { dependsOn: ['bot'] }, [called('agent', 'bot')]), linked('bot', {})]);
  expect(edges).toMatchObject([{ kind: 'service', name: 'bot', source: 'both', n: 10, failed: 1 }]);
});

it('all services above something are hit when it fails, each once by the shortest way, also in a circle', () => {
  const edges = dependencyEdges([
    linked('bot', { dependsOn: ['openai', 'shop'] }),
    linked('shop', { dependsOn: ['bot'] }),
    linked('web', { dependsOn: ['shop', 'bot'] }),
    linked('portal', { dependsOn: ['web'] }),
    linked('other', { dependsOn: ['crm'] }),
  ]);
  const above = (kind: 'external' | 'service', name: string): string[] =>
    servicesAbove({ kind, provider: null, name }, edges).map(({ service, through }) =>
      [service.name, ...through].join(' < '),
    );
  expect(above('external', 'openai')).toEqual(['bot', 'shop < bot', 'web < bot', 'portal < bot < web']);
  expect(above('service', 'bot')).toEqual(['shop', 'web', 'portal < web']);
  expect(above('service', 'portal')).toEqual([]);
});
