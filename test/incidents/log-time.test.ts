import { expect, it } from 'vitest';
import { type CareRules, tended } from '../../src/incidents/care.ts';
import { toldInstead } from '../../src/incidents/fallback.ts';
import { ALWAYS } from '../../src/incidents/hours.ts';
import { consequenceOf } from '../../src/incidents/reported.ts';
import { reassessed } from '../../src/incidents/suppression.ts';
import type { Incident } from '../../src/model/incident.ts';
import { incidentWith } from '../incidents.ts';

/** Clocks go back, and those of several replicas differ: the timeline of a record is in order all the same. */
const AT = Date.UTC(2026, 10, 1, 12);
const NOW = AT - 30_000;
const by = { kind: 'system', id: 'plimsoll' } as const;
const known = incidentWith({
  openedAt: AT - 3_600_000,
  ackedAt: AT,
  ackedBy: { kind: 'user', id: 'ada' },
  timeline: [
    { at: AT - 3_600_000, by, event: 'opened', text: 'broken' },
    { at: AT, by, event: 'note', text: 'seen' },
  ],
});
const report = { sink: 'pd', tool: 'PagerDuty (pd)', by: { kind: 'sink', id: 'pd' }, at: NOW } as const;
const rules: CareRules = {
  targetsOf: () => () => ({ ms: 600_000, schedule: null, hours: ALWAYS }),
  policyOf: () => null,
  ownerOf: () => null,
};

it.each<[string, () => Incident | undefined]>([
  [
    'that time has passed',
    () => {
      const unseen = { ...known, ackedAt: null, ackedBy: null };
      const [begun] = tended(unseen, rules, null, known.openedAt, false);
      return tended(begun!.incident, rules, null, NOW, false).at(-1)?.incident;
    },
  ],
  [
    'that it is suppressed',
    () => reassessed(known, [{ kind: 'silence', id: 'SIL-1', until: null, reason: 'known' }], NOW)?.incident,
  ],
  [
    'that nobody has it any more',
    () => {
      const done = consequenceOf(known, { type: 'unacknowledge' }, report, NOW);
      return done.kind === 'moved' ? done.moved.incident : undefined;
    },
  ],
  [
    'that another destination is told',
    () => toldInstead({ ...known, ackedAt: null, ackedBy: null }, 'backup', 'pager is down', NOW) ?? undefined,
  ],
])('%s', (_what, written) => {
  const times = written()!.timeline.map(({ at }) => at);
  expect(times.length).toBeGreaterThan(known.timeline.length);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
