import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from '../random.ts';
import type { Sender } from './sender.ts';
import { groundedness, PASSAGES } from './shop.ts';

const Answer = z.object({ answer: z.string(), traceId: z.string() });
/** One question in so many ms, on average: fifty a minute. */
const EVERY_MS = 1200;
/** Of those who got an answer so many say whether it helped. */
const RATE = 0.9;
/** Thumbs down after a right answer, and after one with wrong figures. */
const DOWN_WHEN_RIGHT = 0.05;
const DOWN_WHEN_WRONG = 0.8;

/** What the users have seen so far. */
export interface UsersTally {
  asked: number;
  answered: number;
  rated: number;
  down: number;
  /** Visits that came to nothing: no answer, or the rating was not taken. */
  failed: number;
}

/** Simulated customers: each asks, reads the answer, and mostly says with a thumb whether it was right. Until told to stop. */
export async function simulateUsers(
  app: string,
  sender: Sender,
  random: Random,
  signal: AbortSignal,
  tally: UsersTally,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    const visit = one(app, sender, random, tally)
      .catch(() => {
        tally.failed++;
      })
      .finally(() => underWay.delete(visit));
    underWay.add(visit);
    await wait(-EVERY_MS * Math.log(1 - random()), undefined, { signal }).catch(() => {});
  }
  await Promise.all(underWay);
}

async function one(app: string, sender: Sender, random: Random, tally: UsersTally): Promise<void> {
  const passage = PASSAGES[Math.floor(random() * PASSAGES.length)]!;
  const question = passage.questions[Math.floor(random() * passage.questions.length)]!;
  const [rates, down] = [random() < RATE, random()];
  tally.asked++;
  const response = await fetch(`${app}/ask`, { method: 'POST', body: JSON.stringify({ question }) });
  if (!response.ok) throw new Error(`no answer: ${response.status}`);
  const { answer, traceId } = Answer.parse(await response.json());
  tally.answered++;
  if (!rates) return;
  const isDown = down < (groundedness(answer, passage.text) === 1 ? DOWN_WHEN_RIGHT : DOWN_WHEN_WRONG);
  await sender.list('feedback', [{ traceId, kind: 'thumbs', value: isDown ? 'down' : 'up' }]);
  tally.rated++;
  if (isDown) tally.down++;
}
