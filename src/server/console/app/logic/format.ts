import { durationText } from '../../../../model/duration-text.ts';
import { countText, statisticText } from '../../../../model/statistic-text.ts';

/** A share as people say it: `82 %`, `0.4 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  const size = Math.abs(percent);
  return `${size === 0 || size >= 10 ? Math.round(percent) : size >= 1 ? percent.toFixed(1) : percent.toFixed(2)} %`;
}

/** What is left of a budget, or that it is gone and by how much. */
export function budgetText(remaining: number): string {
  if (remaining > 0) return `${percentText(remaining)} of the budget left`;
  if (remaining === 0) return 'budget spent';
  return `budget overspent by ${percentText(-remaining)}`;
}

export { countText, durationText, statisticText };

/** `3 min ago`, `in 2 h`. */
export function agoText(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < 45_000) return 'just now';
  return ms > 0 ? `${roundDuration(ms)} ago` : `in ${roundDuration(-ms)}`;
}

const roundDuration = (ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
};

/** `2026-11-20 12:05:07 UTC` */
export const utcText = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `20 Nov, 13:05` in a zone; the year comes along when it is not this one. */
export function localText(at: number, now: number, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const year = (moment: number): string =>
    new Intl.DateTimeFormat('en-GB', { year: 'numeric', ...zone }).format(moment);
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(year(at) === year(now) ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...zone,
  }).format(at);
}

/** `20 Nov, from 13:05 to 14:01`; the day is said twice only where there are two. */
export function periodText(from: number, to: number, now: number, timeZone?: string): string {
  const [start, end] = [localText(from, now, timeZone), localText(to, now, timeZone)];
  const [startDay, startTime] = splitDay(start);
  const [endDay, endTime] = splitDay(end);
  return startDay === endDay ? `on ${startDay}, from ${startTime} to ${endTime}` : `from ${start} to ${end}`;
}

const splitDay = (text: string): [string, string] => {
  const at = text.lastIndexOf(', ');
  return [text.slice(0, at), text.slice(at + 2)];
};

/** `ai.hallucination.ungrounded` as `hallucination, ungrounded`. */
export const categoryText = (category: string): string =>
  category.replace(/^ai\./, '').replaceAll('_', ' ').replaceAll('.', ', ');

/** `in_progress` as `in progress`. */
export const wordsOf = (name: string): string => name.replaceAll('_', ' ');

const RISK_CLASSES: Readonly<Record<string, string>> = {
  high_annex_i: 'high risk (Annex I)',
  high_annex_iii: 'high risk (Annex III)',
  transparency_art50: 'transparency (Art. 50)',
  minimal: 'minimal risk',
};
/** A risk class of the AI Act: `transparency_art50` as `transparency (Art. 50)`. */
export const riskClassText = (riskClass: string): string => RISK_CLASSES[riskClass] ?? wordsOf(riskClass);

const PRIORITIES = ['critical', 'high', 'moderate', 'low', 'planning'];
export const priorityText = (priority: number): string => PRIORITIES[priority - 1] ?? 'unknown';
const WEIGHTS = ['high', 'medium', 'low'];
export const weightText = (weight: number): string => WEIGHTS[weight - 1] ?? 'unknown';

/** `1.2 s`, `840 ms`. */
export function millisText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s` : durationText(ms);
}
