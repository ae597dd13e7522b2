import { expect, it } from 'vitest';
import { claimsOf, isVoluntary } from '../../src/measures/response.ts';
import { claimsToJson } from '../../src/model/response-claims.ts';

const answered = { measure: 'satisfaction', value: 0.93, low: 0.91, high: 0.945, n: 600, coverage: 0.12 } as const;
const strata = {
  dimension: 'response_model',
  strata: [
    { population: 4000, n: 500, good: 480 },
    { population: 1000, n: 100, good: 78 },
  ],
};

it('says of everybody only what follows from those who answered', () => {
  const claims = claimsToJson(claimsOf(answered, 0.9, strata)!);
  expect(claims).toMatchObject({ responseRate: 0.12, n: 600, amongRespondents: { value: 0.93 } });
  expect(claims.worstCase.low).toBeCloseTo(0.1116, 12);
  expect(claims.worstCase.high).toBeCloseTo(0.9916, 12);
  expect(claims.sensitivity).toBeCloseTo(0.03 / 0.88, 12);
  expect(claims.postStratified!.value).toBeCloseTo(0.8 * 0.96 + 0.2 * 0.78, 12);
  expect(claims.claims).toEqual([
    'among those who answered, 12 % of all: 93.0 % (91.0-94.5 %)',
    'of all, whatever the others would have said: between 11.2 % and 99.2 %',
    'at least 90 % holds for all unless those who did not answer are worse by more than 3.4 points',
    expect.stringMatching(
      /^of all, if within each response_model it is chance who answers: 92\.4 % \(\d\d\.\d-\d\d\.\d %\)$/,
    ),
  ]);
});

it('says when not even the answers keep the target, and when the silent ones can change nothing', () => {
  expect(claimsToJson(claimsOf(answered, 0.95, null)!).claims[2]).toBe(
    'not even those who answered say that it is more than 95 %',
  );
  const nearlyAll = { ...answered, coverage: 0.99 };
  expect(claimsToJson(claimsOf(nearlyAll, 0.9, null)!).claims[2]).toMatch(/^at least 90 % holds for all, however bad/);
  expect(claimsToJson(claimsOf({ ...answered, coverage: 1 }, 0.9, null)!).claims).toHaveLength(2);
  expect(claimsToJson(claimsOf(answered, null, null)!)).toMatchObject({ sensitivity: null, postStratified: null });
});

it('says nothing where nobody answered, and strata of one kind add nothing', () => {
  expect(claimsOf({ ...answered, value: null, low: null, high: null }, 0.9, null)).toBeNull();
  expect(claimsOf({ ...answered, coverage: null }, 0.9, null)).toBeNull();
  const one = { dimension: 'agent', strata: strata.strata.slice(0, 1) };
  expect(claimsOf(answered, 0.9, one)!.postStratified).toBeNull();
  const methods = ['feedback', 'labels', 'voluntary_labels'];
  const satisfied = { measure: 'satisfaction', subject: null } as const;
  expect(methods.map((method) => isVoluntary({ ...satisfied, method }))).toEqual([true, false, true]);
  const ofTrust = ['satisfaction', 'reliance', null];
  expect(ofTrust.map((subject) => isVoluntary({ measure: 'trust', subject, method: 'feedback' }))).toEqual([
    true,
    false,
    false,
  ]);
});
