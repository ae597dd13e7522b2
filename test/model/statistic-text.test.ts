import { expect, it } from 'vitest';
import { nearText } from '../../src/model/statistic-text.ts';

it('evidence that is no alarm is never said to be one', () => {
  expect([0.704, 0.996, 0.99999].map(nearText)).toEqual([
    'evidence for a breach at 70 %',
    'evidence for a breach at 99 %',
    'evidence for a breach at 99 %',
  ]);
});
