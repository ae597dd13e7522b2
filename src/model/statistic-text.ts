/** `1,234`; digits are grouped the same for everyone. */
export const countText = (n: number): string => n.toLocaleString('en-GB');

/** A statistic without false precision: `0.42`, `14.9`, `1,234`, `3 × 10¹²`. */
export function statisticText(value: number): string {
  if (value < 100) return value.toFixed(value < 1 ? 2 : 1);
  if (value < 1e6) return countText(Math.round(value));
  const exponent = Math.floor(Math.log10(value));
  const superscript = [...String(exponent)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return `${Math.round(value / 10 ** exponent)} × 10${superscript}`;
}

/** Of evidence that is no alarm yet, in [0, 1): rounded down, because 100 % is one. */
export const nearText = (evidence: number): string => `evidence for a breach at ${Math.floor(evidence * 100)} %`;
