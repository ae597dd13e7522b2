import { expect, it } from 'vitest';
import { toldInstead } from '../../src/incidents/fallback.ts';
import type { Incident, Suppression } from '../../src/model/incident.ts';
import { incidentWith } from '../incidents.ts';

const NOW = incidentWith().openedAt + 300_000;
const by = { kind: 'user', id: 'ada' } as const;
const why = (kind: Suppression['kind']): Suppression => ({ kind, id: 'X-1', until: null, reason: 'known' });
const told = (more: Partial<Incident> = {}): readonly string[] | null =>
  toldInstead(incidentWith(more), 'backup', 'pager does not take it', NOW)?.toldInstead ?? null;

it.each<[string, Partial<Incident>, readonly string[] | null]>([
  ['one that nobody has', {}, ['backup']],
  ['one of which another stand-in was told', { toldInstead: ['other'] }, ['other', 'backup']],
  ['one of which it was told', { toldInstead: ['backup'] }, null],
  ['one that somebody has', { ackedAt: NOW, ackedBy: by }, null],
  ['one that is over', { state: 'resolved' }, null],
  ['one that is silenced', { suppressedBy: [why('silence')] }, null],
  ['one that follows from another', { suppressedBy: [why('inhibition')] }, null],
  ['one in a maintenance window', { suppressedBy: [why('maintenance')] }, null],
  ['one that comes and goes, which nobody has been told', { suppressedBy: [why('flapping')] }, ['backup']],
])('%s', (_what, incident, expected) => {
  expect(told(incident)).toEqual(expected);
});
