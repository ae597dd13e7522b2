import { expect, it } from 'vitest';
import type { Measure } from '../../src/model/estimate.ts';
import { maturityText } from '../../src/model/estimate-text.ts';

/** Beside 13,721 scores it said "it takes 200 good and 200 bad ones in 28 days": of a mean there are no good and no bad ones. */
it('what is never corrected for lateness does not say that it will be', () => {
  const noteOf = (measure: Measure, subject: string | null, method: string): string | null =>
    maturityText({ measure, subject, method, n: 13_721, maturity: null });
  for (const measure of ['relevance', 'drift', 'parity'] as const)
    expect(noteOf(measure, 'groundedness', 'evaluator')).toBe('scores still to come are not corrected for');
  expect(noteOf('trust', 'calibration', 'labels')).toBe('labels still to come are not corrected for');
  expect(noteOf('relevance', 'reask', 'feedback')).toContain('200 good and 200 bad');
  expect(noteOf('accuracy', 'groundedness', 'evaluator')).toContain('200 good and 200 bad');
  expect(noteOf('drift', 'duration', 'spans')).toBeNull();
});

it('checks of safety that are still to come are said to be, as ratings are', () => {
  const safety = { measure: 'trust', subject: 'safety', method: 'checks', n: 40 } as const;
  expect(maturityText({ ...safety, maturity: 0.5 })).toBe('too young: 50 % of the checks expected have come');
  expect(maturityText({ ...safety, maturity: null })).toMatch(/^how late checks come is not known yet/);
});
