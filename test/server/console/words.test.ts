import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { incidentToJson } from '../../../src/model/incident.ts';
import type { IncidentJson } from '../../../src/server/console/app/api.ts';
import {
  agoText,
  budgetText,
  categoryText,
  durationText,
  localText,
  millisText,
  percentText,
  periodText,
  statisticText,
  utcText,
} from '../../../src/server/console/app/logic/format.ts';
import {
  estimatePieces,
  figureText,
  type PromiseFigures,
  smallestChangeText,
} from '../../../src/server/console/app/logic/promise.ts';
import {
  fleetSentence,
  incidentSentence,
  suspicionSentence,
  tallyText,
} from '../../../src/server/console/app/logic/sentence.ts';
import { type Verdict, worstFirst } from '../../../src/server/console/app/logic/verdict.ts';
import { incidentWith } from '../../incidents.ts';

const VERDICTS: readonly Verdict[] = ['met', 'at_risk', 'breached', 'insufficient_evidence'];
const MINUTE = 60_000;
const NOW = Date.parse('2026-11-20T12:00:00Z');

const fleet = (...services: Verdict[][]) =>
  services.map((verdicts) => ({
    verdict: 'met' as const,
    objectives: verdicts.map((verdict) => ({ verdict })),
  }));

describe('the sentence over the fleet', () => {
  it.each([
    [fleet(), 'Nothing has been promised yet.'],
    [fleet([]), 'Nothing has been promised yet.'],
    [fleet(['met']), 'Every promise is kept.'],
    [fleet(['met'], ['met', 'met'], []), 'Both services keep their promises.'],
    [fleet(['breached']), 'The one service with a promise is breaking it.'],
    [fleet(['breached', 'met'], ['met']), 'One of two services is breaking a promise.'],
    [fleet(['breached', 'breached'], ['met'], ['breached']), 'Two of three services are breaking three promises.'],
    [fleet(['at_risk'], ['met']), 'No promise is broken; one service is at risk.'],
    [
      fleet(['insufficient_evidence'], ['met']),
      'No promise is known to be broken; of one service not everything can be decided.',
    ],
    [fleet(['insufficient_evidence']), 'There is not enough evidence yet to say anything.'],
  ])('%#: %j', (services, sentence) => {
    expect(fleetSentence(services)).toBe(sentence);
  });

  it('says that promises are kept only when every single one is met', () => {
    const services = fc.array(fc.array(fc.constantFrom(...VERDICTS), { maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(services, (verdicts) => {
        const isWell = /^(Every|Both|All)/.test(fleetSentence(fleet(...verdicts)));
        expect(isWell).toBe(verdicts.flat().length > 0 && verdicts.flat().every((verdict) => verdict === 'met'));
      }),
    );
  });

  it('counts verdicts, worst first, and leaves out what is not there', () => {
    expect(tallyText(['met', 'breached', 'met', 'insufficient_evidence'])).toBe('1 breached, 1 not decidable, 2 met');
  });
});

it('puts the worst service first, and last the one of which nothing is promised', () => {
  const service = (name: string, verdict: Verdict, more: object = {}) => ({
    name,
    environment: null,
    verdict,
    criticality: 3,
    objectives: [{}],
    openIncidents: [],
    ...more,
  });
  const order = worstFirst([
    service('met', 'met'),
    service('bare', 'insufficient_evidence', { objectives: [] }),
    service('unknown', 'insufficient_evidence'),
    service('broken', 'breached', { openIncidents: [{ priority: 3 }] }),
    service('risky', 'at_risk'),
    service('critical', 'met', { criticality: 1 }),
    service('burning', 'breached', { openIncidents: [{ priority: 4 }, { priority: 1 }] }),
  ]);
  expect(order.map(({ name }) => name)).toEqual(['burning', 'broken', 'risky', 'unknown', 'critical', 'met', 'bare']);
});

it('names the guilty slice and the change before it, made harmless', () => {
  const slice = {
    name: 'prompt_version=8\u202e\n<b>',
    dimension: 'prompt_version',
    value: '8',
    explanatoryPower: 1,
    n: 20,
    bad: 16,
    share: 0.8,
    baselineShare: 0.03,
  };
  const change = {
    id: null,
    type: 'prompt',
    before: '7',
    after: '8',
    at: '2026-11-20T11:00:00Z',
    origin: 'declared' as const,
  };
  const times = { moment: utcText, period: () => '' };
  const at = { startedAt: '2026-11-20T11:00:00Z', detectedAt: '2026-11-20T11:20:00Z' };
  expect(suspicionSentence({ slices: [slice], changes: [change], resolvedAt: null, ...at }, times)).toBe(
    'It is worst in prompt_version=8 <b> (80 % bad, 3.0 % before); the prompt changed from 7 to 8 at 2026-11-20 11:00:00 UTC.',
  );
  expect(
    suspicionSentence({ slices: [{ ...slice, baselineShare: null }], changes: [], resolvedAt: 'x', ...at }, times),
  ).toBe('It was worst in prompt_version=8 <b> (80 % bad, not there before).');
  expect(suspicionSentence({ slices: [], changes: [], resolvedAt: null, ...at }, times)).toBeNull();
  // The onset is an estimate: what came a little later may be what it began with.
  const early = { ...at, startedAt: '2026-11-20T10:42:00Z' };
  expect(suspicionSentence({ slices: [], changes: [change], resolvedAt: null, ...early }, times)).toBe(
    'The prompt changed from 7 to 8 at 2026-11-20 11:00:00 UTC, later than the estimated onset: it may have begun with this.',
  );
});

describe('numbers', () => {
  it.each([
    [percentText(0.824), '82 %'],
    [percentText(0.0312), '3.1 %'],
    [percentText(0.0042), '0.42 %'],
    [percentText(0), '0 %'],
    [budgetText(0.56), '56 % of the budget left'],
    [budgetText(-0.83), 'budget overspent by 83 %'],
    [budgetText(0), 'budget spent'],
    [durationText(40_000), '40 s'],
    [durationText(65 * MINUTE), '1 h 5 min'],
    [durationText(28 * 24 * 60 * MINUTE), '28 d'],
    [agoText(NOW - 20_000, NOW), 'just now'],
    [agoText(NOW - 5 * MINUTE, NOW), '5 min ago'],
    [agoText(NOW + 130 * MINUTE, NOW), 'in 2 h'],
    [millisText(840), '840 ms'],
    [millisText(1234), '1.23 s'],
    [statisticText(0.42), '0.42'],
    [statisticText(331_200), '331,200'],
    [statisticText(3.2e12), '3 × 10¹²'],
    [categoryText('ai.hallucination.ungrounded'), 'hallucination, ungrounded'],
    [localText(NOW, NOW, 'Europe/Berlin'), '20 Nov, 13:00'],
    [localText(Date.parse('2025-01-05T00:00:00Z'), NOW, 'UTC'), '5 Jan 2025, 00:00'],
    [periodText(NOW, NOW + 56 * MINUTE, NOW, 'UTC'), 'on 20 Nov, from 12:00 to 12:56'],
    [periodText(NOW, NOW + 24 * 60 * MINUTE, NOW, 'UTC'), 'from 20 Nov, 12:00 to 21 Nov, 12:00'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });
});

describe('what of a worsening would be found', () => {
  const smallestChange = { burn: 2.44, badShare: 0.0244 };
  it.each([
    [{ name: 'sequential', smallestChange }, 'finds 2.4 times what is allowed within a day (2.4 % bad)'],
    [{ name: 'both', smallestChange: null }, 'too little traffic to find an outage within a day'],
    [{ name: 'burn_rate', smallestChange: null }, null],
    [null, null],
  ])('%j', (detector, expected) => {
    expect(smallestChangeText(detector)).toBe(expected);
  });
});

describe('a promise in words', () => {
  const estimate = {
    measure: 'availability',
    subject: null,
    method: 'spans',
    proxy: false,
    value: 0.9995,
    low: 0.999,
    high: 0.9998,
    level: 0.95,
    n: 28_800,
    coverage: 0.8,
    maturity: null,
    window: { from: '2026-11-01T00:00:00.000Z', to: '2026-11-20T00:00:00.000Z' },
    status: 'ok',
  } as const;
  const promise: PromiseFigures = {
    kind: 'SLO',
    measure: 'availability',
    subject: null,
    target: 0.999,
    direction: 'at_least',
    window: '28d',
    verdict: 'met',
    estimate,
    budget: { remaining: 0.5, burn: 0.2 },
  };

  it('never gives a number without n and interval', () => {
    expect(estimatePieces(estimate, 0.999)).toEqual({
      value: '99.95 %',
      interval: '99.90 – 99.98 %',
      count: 'n 28,800',
      coverage: '80 % of the traffic',
      youth: null,
    });
    const sampled = { represents: 4120.002, effective: 380 };
    expect(estimatePieces({ ...estimate, n: 412, sampled }, 0.999).count).toBe('n 412 of about 4,120');
    expect(estimatePieces({ ...estimate, value: null, n: 0, coverage: 0 }, 0.999).value).toBe('not known');
    expect(estimatePieces(null, 0.999).value).toBe('not known');
  });

  it('says what is too young, and what it comes to', () => {
    const young = { ...estimate, measure: 'satisfaction', method: 'feedback', value: 0.81, maturity: 0.419 } as const;
    const corrected = { value: 0.941, low: 0.92, high: 0.956 };
    expect(estimatePieces({ ...young, adjusted: corrected }, 0.9).youth).toBe(
      'too young: 41 % of the ratings expected have come; corrected for those to come 94.1 % (92.0-95.6 %)',
    );
    expect(estimatePieces(young, 0.9).youth).toBe('too young: 41 % of the ratings expected have come');
    expect(estimatePieces({ ...young, maturity: 0.9 }, 0.9).youth).toBeNull();
    expect(estimatePieces({ ...young, maturity: null }, 0.9).youth).toBeNull();
  });

  it('tells the figure to those who do not see it', () => {
    expect(figureText(promise)).toBe(
      'availability: met; 99.95 % (99.90-99.98 %, n 28800); promised at least 99.9 % over 28d; 0.5 times the bad share that is allowed; 50 % of the budget left; in the last hour 0.2 times',
    );
  });
});

describe('of an incident that somebody resolved', () => {
  const times = {
    moment: (at: number) => utcText(at),
    period: (from: number, to: number) => `${utcText(from)} to ${utcText(to)}`,
  };
  const said = (recoveredAt: number | null): string => {
    const incident = incidentWith({
      state: 'resolved',
      resolvedAt: Date.UTC(2026, 10, 1, 10, 40),
      closeCode: 'solution_provided',
    });
    const [first] = incident.breaches;
    const json = incidentToJson({ ...incident, breaches: [{ ...first, recoveredAt }] });
    return incidentSentence(json as unknown as IncidentJson, times);
  };

  it('nobody reads that it is over while the promise is broken', () => {
    expect(said(null)).toMatch(
      /^support-bot has been breaking its XLA on .* somebody resolved it at .*, and it was still broken\.$/,
    );
    expect(said(Date.UTC(2026, 10, 1, 10, 30))).toMatch(
      /^support-bot broke its XLA on .* for 40 min, .*; somebody resolved it\.$/,
    );
  });
});
