export type StepName = '1m' | '1h' | '1d';
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: StepName;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEP_MS: Readonly<Record<StepName, number>> = { '1m': MINUTE, '1h': HOUR, '1d': 24 * HOUR };

/** Ends with the last step that is over, so that the same address is asked for until there is something new. */
const aligned = (from: number, to: number, step: StepName): Range => ({
  from: Math.floor(from / STEP_MS[step]) * STEP_MS[step],
  to: Math.ceil(to / STEP_MS[step]) * STEP_MS[step],
  step,
});

/** Around an incident: as long before it as shows what was usual, and not much after its end. */
export function onsetRange(start: number, end: number | null, now: number): Range {
  const last = Math.min(now, end === null ? now : end + 30 * MINUTE);
  const length = Math.max(0, last - start);
  const before = Math.min(Math.max(HOUR, length), 24 * HOUR);
  const total = length + before;
  return aligned(start - before, last, total <= 8 * HOUR ? '1m' : total <= 60 * 24 * HOUR ? '1h' : '1d');
}

export const RANGES = [
  { name: '6h', text: '6 hours', ms: 6 * HOUR, step: '1m' },
  { name: '2d', text: '2 days', ms: 48 * HOUR, step: '1h' },
  { name: '30d', text: '30 days', ms: 30 * 24 * HOUR, step: '1h' },
  { name: '1y', text: '1 year', ms: 365 * 24 * HOUR, step: '1d' },
] as const;
export type RangeName = (typeof RANGES)[number]['name'];

export function rangeUntil(now: number, name: RangeName): Range {
  const { ms, step } = RANGES.find((one) => one.name === name)!;
  return aligned(now - ms, now, step);
}
