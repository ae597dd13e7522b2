import type { Random } from '../random.ts';
import { HISTORY_DAYS, history } from './history.ts';
import { otlpJson } from './otlp-json.ts';
import type { Sender } from './sender.ts';

const SPANS_A_REQUEST = 2_000;
const RATINGS_A_REQUEST = 5_000;

/** Sends thirty days, a day after the other. @returns the interactions that were acknowledged, with everything said of them */
export async function sendHistory(
  sender: Sender,
  now: number,
  random: Random,
  onDay: (done: number, of: number) => void,
): Promise<number> {
  let interactions = 0;
  let days = 0;
  // What is said of a day goes on its way while the spans of the next one are sent.
  let ratings: Promise<unknown> = Promise.resolve();
  for (const day of history(now, random)) {
    await sender.list('changes', day.changes);
    await Promise.all(
      [...day.spans].flatMap(([service, spans]) =>
        parts(spans, SPANS_A_REQUEST).map((part) => sender.spans(otlpJson(service, 'history', part))),
      ),
    );
    await ratings;
    // Awaited a day later; a failure in between is not unheard of, only not heard yet.
    ratings = Promise.all([
      ...parts(day.evaluations, RATINGS_A_REQUEST).map((part) => sender.list('evaluations', part)),
      ...parts(day.feedback, RATINGS_A_REQUEST).map((part) => sender.list('feedback', part)),
    ]);
    ratings.catch(() => {});
    interactions += day.interactions;
    onDay(++days, HISTORY_DAYS);
  }
  await ratings;
  return interactions;
}

const parts = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
