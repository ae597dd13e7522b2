import { expect, it } from 'vitest';
import { WaitingLines } from '../../../src/server/history/waiting-lines.ts';

const written: string[] = [];
const write = async (lines: readonly string[]): Promise<void> => void written.push(...lines);

it('what comes while lines are written is written next, also where as many wait as may', async () => {
  const lost: number[] = [];
  const waiting = new WaitingLines(3, (n) => lost.push(n));
  waiting.add(['a', 'b', 'c']);
  await waiting.handOver(async (lines) => {
    waiting.add(['d', 'e']);
    await write(lines);
  });
  await waiting.handOver(write);
  expect(written.splice(0)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(lost).toEqual([]);
});

it('what could not be written goes on waiting in front of what came, and the oldest of too many are lost', async () => {
  const lost: number[] = [];
  const waiting = new WaitingLines(3, (n) => lost.push(n));
  waiting.add(['a', 'b']);
  const refused = waiting.handOver(async () => {
    waiting.add(['c', 'd']);
    throw new Error('no answer');
  });
  await expect(refused).rejects.toThrow('no answer');
  expect(lost).toEqual([1]);
  await waiting.handOver(write);
  expect(written.splice(0)).toEqual(['b', 'c', 'd']);
  await waiting.handOver(write);
  expect(written).toEqual([]);
});
