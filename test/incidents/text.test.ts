import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeIncident, type IncidentFacts } from '../../src/incidents/text.ts';
import { durationText } from '../../src/model/duration-text.ts';
import type { Estimate } from '../../src/model/estimate.ts';
import { evidenceText } from '../../src/model/estimate-text.ts';
import type { Evidence } from '../../src/model/incident.ts';
import { breach, incidentWith, ungrounded } from '../incidents.ts';

const window = { from: Date.UTC(2026, 9, 4, 10, 0), to: Date.UTC(2026, 10, 1, 10, 4) };
const availability: Estimate = {
  measure: 'availability',
  subject: null,
  method: 'spans',
  proxy: false,
  value: 0.99951,
  low: 0.99945,
  high: 0.99957,
  level: 0.95,
  n: 820_411,
  coverage: 1,
  maturity: 1,
  window,
  status: 'ok',
};
const outage: Evidence = {
  objective: 'checkout-availability',
  estimate: availability,
  target: 0.999,
  direction: 'at_least',
  budget: { consumed: 0.49, remaining: 0.51, burn: 641, exhaustedAt: Date.UTC(2026, 10, 1, 10, 34) },
  sinceOnset: { n: 312, bad: 200, burn: { value: 641, low: 587, high: 692 } },
  detector: { name: 'sequential', statistic: 22.4, threshold: 14.9, guarantee: null, page: true },
};

const cases: Record<string, IncidentFacts> = {
  'an-ungrounded-bot': incidentWith(),
  'an-outage-of-four-minutes-in-a-window-of-28-days': incidentWith({
    service: 'checkout-assistant',
    environment: null,
    category: 'ai.availability.error_rate',
    breaches: [{ ...breach, objective: 'checkout-availability', kind: 'SLA', evidence: outage }],
    detectedAt: Date.UTC(2026, 10, 1, 10, 3, 15),
    slices: [],
    changes: [],
    links: { runbook: null, dashboard: null, trace: null },
  }),
  'a-change-a-little-later-than-the-estimated-onset': incidentWith({
    changes: [
      { id: 'CHG-7', type: 'prompt', before: '7', after: '8', at: Date.UTC(2026, 10, 1, 10, 12), origin: 'declared' },
    ],
    slices: incidentWith().slices.map((slice) => ({ ...slice, restored: { withAll: 0.29, without: 0.021 } })),
  }),
  'an-outage-of-sampled-traffic': incidentWith({
    breaches: [
      {
        ...breach,
        evidence: {
          ...outage,
          estimate: { ...availability, n: 82_041, sampled: { represents: 820_411.002, effective: 79_113.4 } },
        },
      },
    ],
  }),
  'ratings-that-are-still-coming': incidentWith({
    breaches: [
      {
        ...breach,
        evidence: {
          ...ungrounded,
          estimate: {
            ...ungrounded.estimate,
            measure: 'satisfaction',
            subject: null,
            method: 'feedback',
            proxy: false,
            value: 0.98,
            low: 0.962,
            high: 0.99,
            maturity: 0.52,
            adjusted: { value: 0.985, low: 0.979, high: 0.989 },
          },
          sinceOnset: { n: 96, bad: 48, burn: { value: 4.1, low: 3.1, high: 5.2 }, expected: 12 },
        },
      },
    ],
  }),
  'a-drift-without-a-target': incidentWith({
    category: 'ai.drift.input_drift',
    breaches: [
      {
        ...breach,
        objective: 'support-bot-input-drift',
        kind: 'SLO',
        evidence: {
          ...ungrounded,
          objective: 'support-bot-input-drift',
          estimate: {
            ...availability,
            measure: 'drift',
            subject: 'input_tokens',
            value: 0.314,
            low: 0.27,
            high: 0.36,
            n: 5120,
          },
          target: null,
          direction: 'at_most',
          budget: null,
          sinceOnset: null,
          detector: { name: 'drift', statistic: 15.1, threshold: 13.8, guarantee: null, page: false },
        },
      },
    ],
    changes: [],
  }),
  'two-promises-broken-one-recovered': incidentWith({
    breaches: [
      breach,
      {
        ...breach,
        objective: 'support-bot-availability',
        kind: 'SLA',
        category: 'ai.availability.error_rate',
        recoveredAt: Date.UTC(2026, 10, 1, 10, 40),
        evidence: { ...outage, objective: 'support-bot-availability' },
      },
    ],
    flags: ['stale', 'flapping', 'serious_candidate'],
    detectedLate: true,
    recurrenceOf: 'INC-12',
    parent: 'INC-41',
  }),
  'recovered-by-itself': incidentWith({
    state: 'resolved',
    resolvedAt: Date.UTC(2026, 10, 1, 11, 5),
    closeCode: 'recovered_automatically',
  }),
  'resolved-by-a-person': incidentWith({
    state: 'closed',
    resolvedAt: Date.UTC(2026, 10, 2, 9, 0),
    closeCode: 'resolved_by_change',
    flags: ['evidence_withdrawn'],
  }),
  'resolved-while-broken': incidentWith({
    state: 'resolved',
    resolvedAt: Date.UTC(2026, 10, 1, 10, 40),
    closeCode: 'solution_provided',
  }),
  cancelled: incidentWith({ state: 'cancelled' }),
};

describe('words for people', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const text = describeIncident(cases[name]!);
    await expect(`${text.title}\n\n${text.summary}\n\n${text.description}\n`).toMatchFileSnapshot(
      `../golden/incident-text/${name}.txt`,
    );
  });

  it('says the example of the manual', () => {
    const rated = { ...ungrounded.estimate, proxy: false, low: 0.91, high: 0.95 };
    const { title } = describeIncident(
      incidentWith({ breaches: [{ ...breach, evidence: { ...ungrounded, estimate: rated } }] }),
    );
    expect(title).toBe('support-bot: groundedness 0.93 (0.91-0.95, n 412) below 0.97');
  });

  it('says what to do first within the 3,000 characters of a message, however many objectives are broken', () => {
    const breaches = Array.from({ length: 40 }, (_, i) => ({ ...breach, objective: `groundedness-${i}` }));
    const { description } = describeIncident(incidentWith({ breaches: [breach, ...breaches] }));
    expect(description.slice(0, 3000)).toContain('What to do first:\n  1. Suspect the prompt change first');
    expect(description).toContain('Also broken: 35 more, all are in the incident.\n');
  });

  it('never says "below" of a value that looks like the target', () => {
    const near = { ...ungrounded, estimate: { ...ungrounded.estimate, value: 0.96996, low: 0.9689, high: 0.971 } };
    expect(evidenceText(near)).toBe('groundedness (evaluator) 0.96996 (0.96890-0.97100, n 412) below 0.97');
  });

  it('stays one line of plain characters within its limits, whatever telemetry put into the names', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2000 });
    fc.assert(
      fc.property(text, text, text, (service, value, version) => {
        const words = describeIncident(
          incidentWith({
            service,
            slices: [{ ...incidentWith().slices[0]!, name: `tenant=${value}`, value }],
            changes: [{ id: value, type: 'prompt', before: version, after: value, at: 0, origin: 'declared' }],
          }),
        );
        expect(words.title.length).toBeLessThanOrEqual(160);
        expect(words.summary.length).toBeLessThanOrEqual(400);
        expect(words.description.length).toBeLessThanOrEqual(5000);
        expect(`${words.title}${words.summary}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(words.description.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        for (const line of Object.values(words)) expect(line.isWellFormed()).toBe(true);
      }),
    );
  });
});

it.each([
  [0, '0 s'],
  [40_000, '40 s'],
  [17.25 * 60_000, '17 min'],
  [3_600_000, '1 h'],
  [3_900_000, '1 h 5 min'],
  [28 * 86_400_000, '28 d'],
  [90_000_000, '1 d 1 h'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
