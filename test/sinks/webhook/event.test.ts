import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/model/delivery.ts';
import { type Incident, SYSTEM, TRANSITIONS } from '../../../src/model/incident.ts';
import { BODY_MAX_BYTES, eventBody } from '../../../src/sinks/webhook/event.ts';
import { breach, incidentWith } from '../../incidents.ts';
import { messageOf } from '../../messages.ts';

const SENDER = { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' };
const parsed = (message: Message) => JSON.parse(eventBody(message, SENDER));

describe('the event', () => {
  it('is what the golden file shows', async () => {
    const body = JSON.stringify(parsed(messageOf()), null, 2);
    await expect(`${body}\n`).toMatchFileSnapshot('../../golden/webhook/opened.json');
  });

  it('of a target that has passed has a subject of its own, and says which target it is', () => {
    const base = incidentWith();
    const entry = { at: base.openedAt, by: SYSTEM, event: 'sla_warning', text: 'half' } as const;
    const timeline = [...base.timeline, { ...entry, sla: { timer: 'response', percent: 50 } as const }];
    const timers: Incident['timers'] = {
      through: timeline.length,
      priority: 2,
      list: [
        {
          kind: 'response',
          priority: 2,
          targetMs: 1_800_000,
          schedule: null,
          stage: 'in_progress',
          start: base.openedAt,
          stop: null,
          plannedEnd: base.openedAt + 1_800_000,
          originalBreach: base.openedAt + 1_800_000,
          hasBreached: false,
          warned: 50,
          nextAt: null,
        },
      ],
    };
    const event = parsed(
      messageOf({ transition: 'updated', seq: timeline.length, incident: { ...base, timeline, timers } }),
    );
    expect(event).toMatchObject({
      type: 'dev.plimsoll.sla.warning.v1',
      subject: 'INC-42/response',
      partitionkey: 'INC-42',
      data: { id: 'INC-42', timer: { kind: 'response', percentage: 50, targetMs: 1_800_000, hasBreached: false } },
    });
    expect(event.data).not.toHaveProperty('transition');
  });

  it.each(TRANSITIONS)('of %s has the incident as its subject, and its own type', (transition) => {
    expect(parsed(messageOf({ transition, seq: 7, deliveryId: 'plimsoll-eu1-INC-42-7' }))).toMatchObject({
      specversion: '1.0',
      id: 'plimsoll-eu1-INC-42-7',
      type: `dev.plimsoll.incident.${transition}.v1`,
      source: 'https://plimsoll.example.com/instances/eu1',
      subject: 'INC-42',
      partitionkey: 'INC-42',
      datacontenttype: 'application/json',
    });
  });

  it('has a sequence that sorts as text', () => {
    const sequences = [1, 2, 9, 10, 99, 100].map((seq) => parsed(messageOf({ seq })).sequence);
    expect(sequences.toSorted()).toEqual(sequences);
  });

  it('is the same in every attempt', () => {
    expect(eventBody(messageOf({ attempt: 9, mayHaveArrived: true }), SENDER)).toBe(eventBody(messageOf(), SENDER));
  });

  it('leaves at home what people wrote', () => {
    const incident = incidentWith({
      closeNotes: 'PRIVATE-1',
      description: 'PRIVATE-2',
      assignedTo: 'PRIVATE-3',
      ackedBy: { kind: 'user', id: 'PRIVATE-4' },
      timeline: [{ at: 0, by: { kind: 'user', id: 'PRIVATE-5' }, event: 'note', text: 'PRIVATE-6' }],
    });
    expect(eventBody(messageOf({ incident }), SENDER)).not.toContain('PRIVATE');
  });

  it('says when something did not fit, and what is guiltiest stays', () => {
    const slice = incidentWith().slices[0]!;
    const slices = Array.from({ length: 400 }, (_, i) => ({ ...slice, value: `v${i}`, name: `prompt_version=v${i}` }));
    const { data } = parsed(messageOf({ incident: incidentWith({ slices }) }));
    expect(data.trimmed).toBe(true);
    expect(data.slices[0].value).toBe('v0');
    expect(data.slices.length).toBeGreaterThanOrEqual(5);
    expect(parsed(messageOf()).data.trimmed).toBeUndefined();
  });

  it('fits into 20 KB, whatever is in the incident', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.tuple(fc.constantFrom('x', '\u0001', '漢', '\ud800', '"'), fc.nat(20_000)).map(([one, n]) => one.repeat(n)),
    );
    const many = fc.nat(60);
    fc.assert(
      fc.property(text, text, text, many, (a, b, c, n) => {
        const slice = { ...incidentWith().slices[0]!, name: `${a}=${b}`, dimension: a, value: b };
        const incident = incidentWith({
          title: a,
          summary: b,
          service: c,
          environment: a,
          supportGroup: b,
          category: c,
          slices: Array(n).fill(slice),
          changes: Array(n).fill({ id: a, type: b, before: c, after: a, at: 0, origin: 'declared' }),
          breaches: [breach, ...Array(n).fill({ ...breach, objective: c, category: b })],
          traces: { bad: Array(n).fill(a), good: Array(n).fill(b) },
          links: { runbook: `https://${a}`, dashboard: b, trace: c },
        });
        const body = eventBody(messageOf({ incident }), SENDER);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_MAX_BYTES);
        const { subject, data } = JSON.parse(body);
        expect([subject, data.id, data.correlationId, data.links.incident, data.breaches.length > 0]).toEqual([
          'INC-42',
          'INC-42',
          'plimsoll-eu1-INC-42',
          'https://plimsoll.example.com/incidents/INC-42',
          true,
        ]);
        expect(body.isWellFormed() && !/\\ud[89ab]/i.test(body)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
