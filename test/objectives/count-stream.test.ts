import { it } from 'vitest';
import { CountStream } from '../../src/objectives/count-stream.ts';
import { expectWindowsToBeSums } from './window-law.ts';

it('every window of counts is the sum of its minutes, whatever was asked before and however late a minute is set', () => {
  expectWindowsToBeSums((minutes) => new CountStream(minutes));
});
