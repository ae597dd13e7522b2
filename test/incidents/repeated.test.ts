import { expect, it } from 'vitest';
import { repeated } from '../../src/incidents/repeated.ts';
import type { Actor, Incident } from '../../src/model/incident.ts';
import { incidentWith } from '../incidents.ts';

/** A closed incident that somebody opens again: another record. */
const NOW = incidentWith().openedAt + 30 * 86_400_000;
const ADA: Actor = { kind: 'user', id: 'ada' };
const decision = { by: ADA, at: NOW - 1000, reason: 'so' };
const closed = incidentWith({
  state: 'closed',
  category: 'ai.privacy.pii_output',
  categorySetBy: decision,
  harm: 'incident',
  art349: 'c',
  classifiedBy: decision,
  override: { ...decision, impact: null, urgency: null, priority: 5 },
  priority: 5,
  assignedTo: 'ada',
  awareAt: NOW - 2000,
  awareBy: ADA,
  toldInstead: ['backup'],
  suppressedBy: [{ kind: 'silence', id: 'SIL-1', until: null, reason: 'known' }],
  withheld: 'opening',
  parent: 'INC-1',
  related: ['INC-2'],
  resolvedAt: NOW - 1000,
  closedAt: NOW - 1000,
  closeCode: 'solution_provided',
  closeNotes: 'mended',
});
const again = (before: Partial<Incident> = {}): Incident =>
  repeated({ ...closed, ...before }, 'INC-50', 'opened again in Jira (jira)', { kind: 'sink', id: 'jira/1' }, NOW);

it('has nothing of what was done about the one before, or judged of it', () => {
  expect(again()).toMatchObject({
    state: 'in_progress',
    category: closed.category,
    recurrenceOf: closed.id,
    harm: null,
    art349: null,
    classifiedBy: null,
    override: null,
    priority: 2,
    reckoned: { impact: 2, urgency: 1 },
    assignedTo: null,
    awareAt: null,
    awareBy: null,
    toldInstead: [],
    suppressedBy: [],
    withheld: null,
    escalation: null,
    timers: null,
    parent: null,
    related: [],
    resolvedAt: null,
    closedAt: null,
    closeCode: null,
    closeNotes: null,
  });
  expect(again().timeline).toHaveLength(1);
});

it('may be a serious one, where that one was, or where rules say so: nobody has judged it yet', () => {
  expect(again().flags).toEqual([]);
  expect(again({ flags: ['serious_candidate', 'stale'] }).flags).toEqual(['serious_candidate']);
  expect(again({ highRisk: true }).flags).toEqual(['serious_candidate']);
});

it('is no instance of a problem that does not know it: that is found out anew', () => {
  const help = { problem: 'PRB-1', workaround: 'the other model' };
  const repeat = again({ problem: 'PRB-1', knownError: help });
  expect(repeat.problem).toBeNull();
  expect(repeat).not.toHaveProperty('knownError');
});
