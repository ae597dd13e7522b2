import { describe, expect, it } from 'vitest';
import { componentFindings } from '../../src/catalog/component-findings.ts';
import { recordOverdue } from '../../src/catalog/record-overdue.ts';
import { retiringModels } from '../../src/catalog/retiring-models.ts';
import type { SeenComponent } from '../../src/catalog/seen-component.ts';
import { standingOf } from '../../src/catalog/standing.ts';
import { PUBLISHED_RETIREMENTS } from '../../src/model/retirements/published.ts';
import type { Retirement } from '../../src/model/retirements/retirement.ts';
import { service } from '../server/world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const seen = (kind: SeenComponent['kind'], name: string, more: Partial<SeenComponent> = {}): SeenComponent => ({
  kind,
  name,
  provider: kind === 'model' ? 'openai' : null,
  firstSeen: NOW - 3_600_000,
  lastDay: 10,
  traces: [],
  ...more,
});

describe('how a model that was seen stands to the file', () => {
  const listing = (...models: object[]) => service('bot', { models });
  const pinned = listing({ provider: 'OpenAI', name: 'gpt-4o', version: '2024-08-06' });
  const loose = listing({ provider: 'openai', name: 'gpt-4o' });
  it.each([
    [pinned, 'gpt-4o-2024-08-06', 'openai', 'declared'],
    [pinned, 'gpt-4o', 'openai', 'declared'],
    [pinned, 'gpt-4o-2024-08-06', null, 'declared'],
    [pinned, 'gpt-4o-2024-11-20', 'openai', 'other_version'],
    [pinned, 'gpt-4o-mini', 'openai', 'undeclared'],
    [pinned, 'gpt-4o-2024-08-06', 'azure.ai.openai', 'undeclared_provider'],
    [loose, 'gpt-4o-2024-11-20', 'openai', 'declared'],
    [loose, 'gpt-4o-mini-2024-07-18', 'openai', 'undeclared'],
    [
      listing({ provider: 'openai', name: 'gpt-4o', version: 'gpt-4o-2024-08-06' }),
      'gpt-4o-2024-08-06',
      'openai',
      'declared',
    ],
    [listing(), 'gpt-4o', 'openai', 'not_told'],
  ])('%#: %o', (file, name, provider, standing) => {
    expect(standingOf(file, seen('model', name, { provider }))).toBe(standing);
  });
});

it('each kind of what the file does not list is one finding, of most traffic first, and never of kinds it says nothing of', () => {
  const file = service('bot', {
    models: [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }],
    tools: [{ name: 'search' }],
    prompts: [{ id: 'answer', version: '7' }],
  });
  const found = componentFindings(
    file,
    [
      seen('model', 'gpt-4o-2024-08-06'),
      seen('model', 'gpt-4o-2024-11-20', { lastDay: 5 }),
      seen('model', 'claude-sonnet-4', { provider: 'anthropic' }),
      seen('tool', 'search'),
      seen('tool', 'pay', { lastDay: 3, firstSeen: NOW - 7_200_000 }),
      seen('tool', 'mail', { lastDay: 30 }),
      seen('prompt_version', '7'),
      seen('prompt_version', '#0011aabb', { traces: ['ab'] }),
      seen('vector_store', 'kb'),
      seen('agent', 'planner'),
    ],
    NOW,
  );
  expect(found.map(({ kind, evidence, since }) => [kind, evidence['component'], evidence['count'], since])).toEqual([
    ['undeclared_component', 'provider', 1, NOW - 3_600_000],
    ['unapproved_version', 'model', 1, NOW - 3_600_000],
    ['unapproved_version', 'prompt_version', 1, NOW - 3_600_000],
    ['undeclared_component', 'tool', 2, NOW - 7_200_000],
  ]);
  expect(found[3]!.evidence['examples']).toMatchObject([
    { name: 'mail', lastDay: 30 },
    { name: 'pay', lastDay: 3, firstSeen: '2026-11-20T10:00:00.000Z' },
  ]);
  expect(found[2]!.evidence['examples']).toMatchObject([{ name: '#0011aabb', traces: ['ab'] }]);
  expect(found[3]!.detail).toMatch(
    /^2 tools that the file of bot does not list: mail \(30 in the last day.*spec\.tools/,
  );
});

it.each([
  ['2027-03-01', 0],
  ['2027-02-10', 1],
  ['2026-11-01', 1],
])('a model that ends on %s: %i finding', (retiresOn, count) => {
  const file = service('bot', { models: [{ provider: 'openai', name: 'gpt-4o', retiresOn }] });
  const found = retiringModels(file, [seen('model', 'gpt-4o-2024-08-06', { lastDay: 812 })], NOW);
  expect(found).toHaveLength(count);
  for (const { detail, evidence } of found) {
    expect(detail).toMatch(/called 812 times in the last day\. What to do: change over/);
    expect(evidence).toMatchObject({ retiresOn, lastDay: 812 });
  }
});

it.each([
  [{}, 0],
  [{ confirmed: { by: 'Dana', at: '2026-06-01' } }, 0],
  [{ confirmed: { by: 'Dana', at: '2026-05-01' } }, 1],
  [{ confirmed: { by: 'Dana', at: '2026-11-01' }, confirmEvery: '7d' }, 1],
  [{ confirmEvery: '30d' }, 1],
])('a record with %o is overdue: %i', (spec, count) => {
  expect(recordOverdue(service('bot', spec), NOW, NOW - 1)).toHaveLength(count);
});

describe('the end of a model that providers have published', () => {
  const published: Retirement[] = [
    {
      provider: 'openai',
      model: 'gpt-4o-2024-08-06',
      endsOn: '2027-01-14',
      source: 'https://a.example',
      readOn: '2026-11-01',
    },
    { provider: 'openai', model: 'gpt-5', endsOn: '2026-12-11', source: 'https://a.example', readOn: '2026-11-01' },
    { provider: 'gcp.gemini', model: 'gemini-2.5-pro', endsOn: '2026-11-19', source: null, readOn: null },
  ];
  const found = (models: readonly object[] | null, calls: readonly SeenComponent[], own: Retirement[] = []) =>
    retiringModels(models === null ? null : service('bot', { models }), calls, NOW, own, published).map(
      ({ evidence }) => [evidence['name'], evidence['daysLeft'], evidence['saidBy'], evidence['lastDay']],
    );
  const snapshot = seen('model', 'gpt-4o-2024-08-06');

  it('is told with the days that are left, where it was read and when, and what is called', () => {
    const [finding] = retiringModels(service('bot'), [snapshot], NOW, [], published);
    expect(finding).toMatchObject({
      kind: 'retiring_model',
      since: Date.parse('2026-10-16'),
      detail: expect.stringMatching(
        /^openai gpt-4o-2024-08-06 ends in 55 days, on 2027-01-14 \(https:\/\/a\.example, read on 2026-11-01\); it was called 10 times/,
      ),
      evidence: { source: 'https://a.example', readOn: '2026-11-01', firstSeen: '2026-11-20T11:00:00.000Z' },
    });
  });

  it.each([
    ['of a snapshot that is listed', [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }], [snapshot], 10],
    ['of one that is written whole', [{ provider: 'OpenAI', name: 'gpt-4o', version: 'gpt-4o-2024-08-06' }], [], 0],
    ['of one that a listed model takes', [{ provider: 'openai', name: 'gpt-4o' }], [snapshot], 10],
    ['of one that nobody lists', [{ provider: 'openai', name: 'o3' }], [snapshot], 10],
    ['of a service without a file', null, [snapshot], 10],
  ])('is told once: %s', (_case, models, calls, lastDay) => {
    const told = found(models, calls);
    expect(told).toHaveLength(1);
    expect(told[0]!.slice(1)).toEqual([55, 'published', lastDay]);
  });

  it('is of that name alone, and of that provider', () => {
    expect(found([], [seen('model', 'gpt-5-mini'), seen('model', 'gpt-4o-2024-11-20')])).toEqual([]);
    expect(found([], [seen('model', 'gpt-5', { provider: 'azure.ai.openai' })])).toEqual([]);
    expect(found([{ provider: 'google', name: 'gemini-2.5-pro' }], [])).toEqual([
      ['gemini-2.5-pro', -1, 'published', 0],
    ]);
  });

  it('is less than what files say: the service’s own day, then the deployment’s', () => {
    const own = [{ ...published[0]!, endsOn: '2026-12-01', readOn: null }];
    expect(found([], [snapshot], own)).toEqual([['gpt-4o-2024-08-06', 11, 'deployment', 10]]);
    const listed = { provider: 'openai', name: 'gpt-4o', version: '2024-08-06' };
    expect(found([{ ...listed, retiresOn: '2026-11-30' }], [snapshot], own)).toEqual([['gpt-4o', 10, 'service', 10]]);
    expect(found([{ ...listed, retiresOn: '2029-01-01' }], [snapshot], own)).toEqual([]);
  });

  it('is known from a page each, on a day each, and once', () => {
    const days = PUBLISHED_RETIREMENTS.flatMap(({ endsOn, readOn }) => [endsOn, readOn!]);
    expect(days.filter((day) => !/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))).toEqual([]);
    expect(PUBLISHED_RETIREMENTS.filter(({ source }) => !URL.canParse(source!))).toEqual([]);
    const names = PUBLISHED_RETIREMENTS.map(({ provider, model }) => `${provider} ${model}`);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});
