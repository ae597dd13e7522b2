import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceOf, type Listener } from '../../src/incidents/audience.ts';
import {
  reassessed,
  type SuppressionSources,
  silencedElsewhere,
  suppressionsOf,
  withheldAfter,
} from '../../src/incidents/suppression.ts';
import { type Incident, isOpen, type Suppression, TRANSITIONS, type Transition } from '../../src/model/incident.ts';
import type { Matcher, Silence } from '../../src/model/silence.ts';
import { breach, incidentWith } from '../incidents.ts';

const NOW = incidentWith().openedAt;
const HOUR = 3_600_000;

const silence = (matchers: readonly Matcher[], more: Partial<Silence> = {}): Silence => ({
  id: 'SIL-1',
  matchers,
  startsAt: NOW - HOUR,
  endsAt: NOW + HOUR,
  createdAt: NOW - HOUR,
  createdBy: { kind: 'user', id: 'dana', name: 'Dana' },
  comment: 'we know',
  expiredBy: null,
  ...more,
});
const sources = (more: Partial<SuppressionSources> = {}): SuppressionSources => ({
  silences: [],
  windowsOf: () => [],
  byId: () => undefined,
  ...more,
});
const kinds = (incident: Incident, more: Partial<SuppressionSources>): string[] =>
  suppressionsOf(incident, sources(more), NOW).map(({ kind, id }) => `${kind} ${id}`);
const matcher = (label: Matcher['label'], operator: Matcher['operator'], value: string): Matcher => ({
  label,
  operator,
  value,
});

describe('an incident is suppressed', () => {
  const listening = incidentWith();

  it.each([
    ['service', '=', 'support-bot', true],
    ['service', '!=', 'support-bot', false],
    ['service', '=~', 'support-.*', true],
    ['service', '=~', 'support', false],
    ['environment', '!~', 'prod.*', false],
    ['objective', '=', 'support-bot-groundedness', true],
    ['category', '=~', 'ai\\.(hallucination|accuracy)\\..*', true],
    ['kind', '=', 'xla', true],
    ['severity', '=', 'critical', true],
    ['priority', '=~', 'P[12]', true],
    ['incident', '=', 'INC-42', true],
  ] as const)('by a silence of %s%s%s: %s', (label, operator, value, expected) => {
    expect(kinds(listening, { silences: [silence([matcher(label, operator, value)])] })).toEqual(
      expected ? ['silence SIL-1'] : [],
    );
  });

  it('by those alone that have begun and are not over', () => {
    const all = [matcher('service', '=', 'support-bot')];
    expect(
      kinds(listening, { silences: [silence(all, { startsAt: NOW + 1 }), silence(all, { endsAt: NOW })] }),
    ).toEqual([]);
  });

  it('when each promise that it breaks is silenced, be it by several; what has recovered does not matter', () => {
    const other = { ...breach, objective: 'other' };
    const both = incidentWith({ breaches: [breach, other] });
    const first = silence([matcher('objective', '=', breach.objective)]);
    const second = silence([matcher('objective', '=', 'other')], { id: 'SIL-2' });
    expect(kinds(both, { silences: [first] })).toEqual([]);
    expect(kinds(both, { silences: [first, second] })).toEqual(['silence SIL-1', 'silence SIL-2']);
    const left = incidentWith({ breaches: [breach, { ...other, recoveredAt: NOW }] });
    expect(kinds(left, { silences: [first] })).toEqual(['silence SIL-1']);
  });

  it('by the open incident of its upstream, unless it is more urgent than that one, which is not urgent itself', () => {
    const follower = (priority: Incident['priority']) => incidentWith({ priority, parent: 'INC-1' });
    const upstream = (more: Partial<Incident>) => ({ byId: () => incidentWith({ id: 'INC-1', ...more }) });
    expect(kinds(follower(1), upstream({ priority: 2 }))).toEqual(['inhibition INC-1']);
    expect(kinds(follower(3), upstream({ priority: 3 }))).toEqual(['inhibition INC-1']);
    expect(kinds(follower(1), upstream({ priority: 3 }))).toEqual([]);
    expect(kinds(follower(1), upstream({ priority: 2, state: 'resolved' }))).toEqual([]);
    expect(kinds(follower(1), {})).toEqual([]);
  });

  it('by a window of its service', () => {
    const window = { type: 'once', from: NOW - 1, to: NOW + 1, reason: null } as const;
    expect(kinds(listening, { windowsOf: () => [window] })).toEqual(['maintenance support-bot']);
  });

  it('by a silence of Alertmanager, until that is over', () => {
    const known = { id: 'abc', by: 'dana', comment: 'we know', until: NOW + 1 };
    expect(kinds(silencedElsewhere(listening, known), {})).toEqual(['silence alertmanager:abc']);
    expect(kinds(silencedElsewhere(listening, { ...known, until: NOW }), {})).toEqual([]);
    expect(silencedElsewhere(silencedElsewhere(listening, known), known).suppressedBy).toHaveLength(1);
  });

  it('by nothing, when the law may ask for it', () => {
    const everything = {
      silences: [silence([matcher('service', '=', 'support-bot')])],
      byId: () => incidentWith({ id: 'INC-1', priority: 1 }),
    };
    for (const more of [{ flags: ['serious_candidate'] }, { art349: 'c' }, { awareAt: NOW }] as const)
      expect(kinds(incidentWith({ parent: 'INC-1', ...more }), everything)).toEqual([]);
    expect(kinds(incidentWith({ parent: 'INC-1', art349: 'none' }), everything)).toHaveLength(2);
  });
});

describe('who is told', () => {
  const LISTENERS: readonly Listener[] = (['record', 'page', 'chat', 'note'] as const).map((one) => ({
    name: one,
    class: one,
    everyTransition: false,
    isOfLevel: false,
    standsIn: false,
  }));
  const hidden: Suppression = { kind: 'silence', id: 'SIL-1', until: null, reason: 'we know' };

  /** What pages know after some transitions, and whether it is suppressed while they happen. */
  interface Step {
    readonly transition: Transition;
    readonly isHidden: boolean;
  }
  const steps = fc.array(fc.record({ transition: fc.constantFrom(...TRANSITIONS.slice(1)), isHidden: fc.boolean() }), {
    maxLength: 12,
  });
  const STATE = { resolved: 'resolved', closed: 'closed' } as const;

  it('records and notes of everything; people of nothing that is hidden but what calms them, and of what is still open at its end once', () => {
    fc.assert(
      fc.property(fc.boolean(), steps, (beginsHidden, list) => {
        let incident = incidentWith({ state: 'new', suppressedBy: beginsHidden ? [hidden] : [] });
        const told: { transition: Transition; isHidden: boolean; people: boolean; isOpen: boolean }[] = [];
        const tell = (transition: Transition): void => {
          const audience = audienceOf(incident, transition, LISTENERS);
          expect(audience).toEqual(expect.arrayContaining(['record', 'note']));
          expect(audience.includes('page')).toBe(audience.includes('chat'));
          told.push({
            transition,
            isHidden: incident.suppressedBy.length > 0,
            people: audience.includes('page'),
            isOpen: isOpen(incident),
          });
        };
        const write = (transition: Transition): void => {
          incident = { ...incident, withheld: withheldAfter(incident, transition) };
          tell(transition);
        };
        write('opened');
        for (const { transition, isHidden } of list as Step[]) {
          const changed = reassessed(incident, isHidden ? [hidden] : [], NOW);
          if (changed !== null) {
            incident = changed.incident;
            if (changed.transition !== null) tell(changed.transition);
          }
          const state = STATE[transition as 'resolved'] ?? (transition === 'reopened' ? 'in_progress' : incident.state);
          const timeline = [
            ...incident.timeline,
            { at: NOW, by: { kind: 'system', id: 'x' } as const, event: transition, text: '' },
          ];
          incident = { ...incident, state, timeline };
          write(transition);
        }
        for (const one of told)
          if (one.people && one.isHidden)
            expect(['acknowledged', 'held', 'resolved', 'closed']).toContain(one.transition);
        // Whenever it is open and not hidden people know that it is; and nobody is told of the end of what they did not hear of.
        if (isOpen(incident) && incident.suppressedBy.length === 0) expect(incident.withheld).toBeNull();
        let known = false;
        for (const { transition, people } of told) {
          if (people && !known) expect(['acknowledged', 'held', 'resolved', 'closed']).not.toContain(transition);
          if (people) known = true;
        }
        expect(told[0]!.people).toBe(!beginsHidden);
      }),
    );
  });
});
