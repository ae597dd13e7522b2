import { expect, it } from 'vitest';
import { correlationId, incidentToJson, isOpen, kindOf, storedIncident } from '../../src/model/incident.ts';
import { breach, incidentWith } from '../incidents.ts';

it('outside, times are RFC 3339 in UTC, and nothing is left in milliseconds', () => {
  const json = incidentToJson(
    incidentWith({ state: 'on_hold', hold: { reason: 'awaiting_vendor', since: Date.UTC(2026, 10, 1, 11) } }),
  );
  expect(json).toMatchObject({
    id: 'INC-42',
    startedAt: '2026-11-01T10:00:00.000Z',
    detectedAt: '2026-11-01T10:17:15.000Z',
    openedAt: '2026-11-01T10:17:24.000Z',
    resolvedAt: null,
    hold: { reason: 'awaiting_vendor', since: '2026-11-01T11:00:00.000Z' },
    changes: [{ at: '2026-11-01T09:56:00.000Z' }, { at: '2026-11-01T09:58:00.000Z' }],
    timeline: [{ at: '2026-11-01T10:17:24.000Z', event: 'opened' }],
    evidence: {
      budget: { exhaustedAt: '2026-10-29T10:00:00.000Z' },
      estimate: { window: { from: '2026-10-04T10:00:00.000Z', to: '2026-11-01T10:17:00.000Z' } },
    },
  });
  expect(JSON.stringify(json)).not.toMatch(/\b17\d{11}\b/);
});

it('its objectives are those of its breaches, its evidence is that of the first, its kind is the strictest', () => {
  const incident = incidentWith({
    breaches: [breach, { ...breach, objective: 'support-bot-availability', kind: 'SLA' }],
  });
  expect(incidentToJson(incident)).toMatchObject({
    objectives: ['support-bot-groundedness', 'support-bot-availability'],
    kind: 'SLA',
    evidence: { objective: 'support-bot-groundedness', target: 0.97 },
  });
  expect(kindOf(incidentWith())).toBe('XLA');
});

it.each([
  ['new', true],
  ['in_progress', true],
  ['on_hold', true],
  ['resolved', false],
  ['closed', false],
  ['cancelled', false],
] as const)('an incident that is %s is open: %s', (state, open) => {
  expect(isOpen({ state })).toBe(open);
});

it('tools outside know it by deployment and number', () => {
  expect(correlationId('eu1', 'INC-42')).toBe('plimsoll-eu1-INC-42');
});

it('a record that an earlier version stored is read with what it lacks: nobody has decided anything', () => {
  const now = incidentWith();
  const {
    highRisk,
    categorySetBy,
    harm,
    art349,
    classifiedBy,
    reckoned,
    override,
    mitigatedAt,
    awareAt,
    awareBy,
    ...before
  } = now;
  expect(storedIncident(JSON.stringify(before))).toEqual(now);
  expect(incidentToJson(storedIncident(JSON.stringify(before)))).toEqual(incidentToJson(now));
});

it('a record is read as it was stored', () => {
  const by = { kind: 'user', id: 'ada' } as const;
  const incident = incidentWith({
    harm: 'hazard',
    art349: 'none',
    classifiedBy: { by, at: 5, reason: 'nobody read it' },
    override: { impact: 1, urgency: null, priority: null, by, at: 6, reason: 'the whole shop depends on it' },
    awareAt: 7,
    awareBy: by,
  });
  expect(storedIncident(JSON.stringify(incident))).toEqual(incident);
});
