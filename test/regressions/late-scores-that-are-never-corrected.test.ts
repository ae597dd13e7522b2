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
