import type { FeedbackKind } from '../../model/signals.ts';
import { type Counter, feedback } from '../../tally/counters.ts';

export type Sentiment = 'positive' | 'neutral' | 'negative';

const row = (
  channel: FeedbackKind,
  value: string | number | boolean,
  sentiment: Sentiment,
): { channel: FeedbackKind; sentiment: Sentiment; counter: Counter } => ({
  channel,
  sentiment,
  counter: feedback(channel, value),
});

/** What each thing that people may say says about the answer. */
export const SENTIMENTS = [
  row('thumbs', 'up', 'positive'),
  row('thumbs', 'down', 'negative'),
  row('stars', 5, 'positive'),
  row('stars', 4, 'positive'),
  row('stars', 3, 'neutral'),
  row('stars', 2, 'negative'),
  row('stars', 1, 'negative'),
  row('decision', 'accepted', 'positive'),
  row('decision', 'overridden', 'negative'),
  row('escalation', false, 'positive'),
  row('escalation', true, 'negative'),
  row('reask', false, 'positive'),
  row('reask', true, 'negative'),
  row('flag', 'unsafe', 'negative'),
  row('flag', 'biased', 'negative'),
  row('flag', 'hallucinated', 'negative'),
  row('flag', 'wrong', 'negative'),
  row('flag', 'other', 'negative'),
] as const;
