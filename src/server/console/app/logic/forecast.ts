import type { ObjectiveDetailJson, ObjectivePeriodJson } from '../../../api/openapi/objectives.ts';
import { countText, localText, percentText } from './format.ts';

type Forecast = NonNullable<ObjectiveDetailJson['forecast']>;

/** When the budget will be spent, in one sentence; nobody promises that it continues. */
export function forecastText(forecast: Forecast, now: number, timeZone?: string): string {
  const { exhausted, exhaustedAt, basis } = forecast;
  if (exhausted) return 'The budget is spent.';
  const start = `${basis.charAt(0).toUpperCase()}${basis.slice(1)}, the budget`;
  return exhaustedAt === null
    ? `${start} outlasts the window.`
    : `${start} is spent on ${localText(Date.parse(exhaustedAt), now, timeZone)}.`;
}

/** Between when it is spent, with 95 %; null where that is not asked. */
export function forecastRange(
  { exhausted, earliest, latest }: Forecast,
  now: number,
  timeZone?: string,
): string | null {
  if (exhausted) return null;
  const time = (text: string): string => localText(Date.parse(text), now, timeZone);
  if (earliest === null) return 'not within the window';
  return latest === null
    ? `${time(earliest)} at the earliest, perhaps not within the window`
    : `${time(earliest)} to ${time(latest)}`;
}

/** Never surer than can be said. */
export const chanceText = (probability: number): string =>
  probability > 0.99 ? 'above 99 %' : probability < 0.01 ? 'below 1 %' : percentText(probability);

/** What is left, in events; of a calendar window with what is still expected of it. */
export function leftText({ remainingBad, allowedBad, expected }: Forecast): string {
  const left = `${countText(Math.max(0, Math.floor(remainingBad)))} of ${countText(Math.floor(allowedBad))} bad events`;
  if (expected === null) return left;
  const history =
    expected.historyDays >= 28
      ? ''
      : `, from ${expected.historyDays} ${expected.historyDays === 1 ? 'day' : 'days'} of history`;
  return `${left}, with ${countText(Math.round(expected.n))} events still expected${history}`;
}

/** What is owed for a period, and whether that may still change. */
export function creditText({ credit, state }: Pick<ObjectivePeriodJson, 'credit' | 'state'>): string {
  if (credit === null) return state === 'current' ? 'goes on' : '–';
  return state === 'provisional' ? `${countText(credit)}, provisional` : countText(credit);
}
