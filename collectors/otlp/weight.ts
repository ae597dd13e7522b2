/** An adjusted count beyond this is no sampling anybody does; its square in millionths is still an exact integer. */
export const MAX_WEIGHT = 65_536;

const FULL = 2 ** 56;
const THRESHOLD_DIGITS = 14;

/**
 * How many spans one sampled span stands for, from its W3C tracestate: `ot=th:<hex>` says below which random value spans
 * were dropped, as a share of 2^56; `ot=p:<n>`, of before, that one of 2^n was kept. 1 where nothing is said.
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function weightOf(traceState: string): number {
  const member = traceState
    .split(',')
    .map((text) => text.trim())
    .find((text) => text.startsWith('ot='));
  const parts = member?.slice('ot='.length).split(';') ?? [];
  for (const part of parts) {
    const weight = weightOfPart(part);
    if (weight !== null) return Math.min(weight, MAX_WEIGHT);
  }
  return 1;
}

function weightOfPart(part: string): number | null {
  const threshold = /^th:([0-9a-f]{1,14})$/.exec(part)?.[1];
  if (threshold !== undefined) {
    const dropped = Number.parseInt(threshold.padEnd(THRESHOLD_DIGITS, '0'), 16);
    return FULL / (FULL - dropped);
  }
  const power = /^p:(\d{1,2})$/.exec(part)?.[1];
  return power !== undefined && Number(power) < 63 ? 2 ** Number(power) : null;
}
