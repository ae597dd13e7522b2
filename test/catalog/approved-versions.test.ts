import { expect, it } from 'vitest';
import { approvedVersions } from '../../src/catalog/approved-versions.ts';
import { componentFindings } from '../../src/catalog/component-findings.ts';
import type { SeenComponent } from '../../src/catalog/seen-component.ts';
import { standingOf } from '../../src/catalog/standing.ts';
import type { ChangeRecord } from '../../src/model/change.ts';
import { CHANGE_STATES } from '../../src/model/change.ts';
import { change } from '../changes/records.ts';
import { service } from '../server/world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const file = service('bot', {
  environment: 'production',
  models: [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }],
  prompts: [{ id: 'answer', version: '7' }],
  tools: [{ name: 'search' }],
});
const seen = (kind: SeenComponent['kind'], name: string): SeenComponent => ({
  kind,
  name,
  provider: kind === 'model' ? 'openai' : null,
  firstSeen: NOW,
  lastDay: 3,
  traces: [],
});
const prompt = (more: Partial<ChangeRecord>): ChangeRecord =>
  change({ service: 'bot', environment: null, type: 'prompt', after: { id: '8' }, state: 'closed', ...more });
const found = (changes: readonly ChangeRecord[], ...parts: SeenComponent[]): string[] =>
  componentFindings(file, parts, NOW, approvedVersions(file, changes)).map(({ kind }) => kind);

it('an approved change lifts the finding of the version that it introduces, and of no other', () => {
  expect(found([], seen('prompt_version', '8'))).toEqual(['unapproved_version']);
  expect(found([prompt({})], seen('prompt_version', '8'))).toEqual([]);
  expect(found([prompt({})], seen('prompt_version', '9'))).toEqual(['unapproved_version']);
  expect(found([prompt({ type: 'model_version' })], seen('prompt_version', '8'))).toEqual(['unapproved_version']);
});

it.each(CHANGE_STATES)('a change that is %s', (state) => {
  const isApproved = ['scheduled', 'implement', 'review', 'closed'].includes(state);
  expect(found([prompt({ state })], seen('prompt_version', '8'))).toEqual(isApproved ? [] : ['unapproved_version']);
});

it.each<[string, Partial<ChangeRecord>]>([
  ['was rolled back', { rolledBack: true }],
  ['is of another environment', { environment: 'staging' }],
  [
    'was found unsuccessful',
    {
      review: {
        writtenAt: NOW,
        result: 'successful',
        text: '',
        findings: [],
        signed: { by: { kind: 'user', id: 'dana' }, at: NOW, result: 'unsuccessful', notes: '' },
      },
    },
  ],
])('a change that %s lifts nothing', (_case, more) => {
  expect(found([prompt(more)], seen('prompt_version', '8'))).toEqual(['unapproved_version']);
});

it.each(['gpt-4o-2024-11-20', '2024-11-20', 'openai/gpt-4o-2024-11-20'])('a model may be named %s', (id) => {
  const changes = [change({ type: 'model_version', after: { id }, state: 'scheduled', environment: 'production' })];
  expect(standingOf(file, seen('model', 'gpt-4o-2024-11-20'), approvedVersions(file, changes))).toBe('approved');
  expect(found(changes, seen('model', 'gpt-4o-2024-11-20'))).toEqual([]);
  expect(found(changes, seen('model', 'gpt-4.1'))).toEqual(['undeclared_component']);
});

it('a tool that a change introduces is no finding either; a provider that the file does not know still is', () => {
  const changes = [
    change({ type: 'tool', after: { id: 'pay' }, state: 'closed' }),
    change({ type: 'model_version', after: { id: 'claude-sonnet-4' }, state: 'closed' }),
  ];
  expect(found(changes, seen('tool', 'pay'))).toEqual([]);
  expect(found(changes, { ...seen('model', 'claude-sonnet-4'), provider: 'anthropic' })).toEqual([
    'undeclared_component',
  ]);
});
