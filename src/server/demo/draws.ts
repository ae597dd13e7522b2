import type { Random } from '../random.ts';

/** Of a log-normal distribution with this median; sigma is the standard deviation of the logarithm. */
export const logNormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));

export const hexId = (random: Random, bytes: number): string => {
  let hex = '';
  for (let i = 0; i < bytes; i += 4)
    hex += Math.floor(random() * 4294967296)
      .toString(16)
      .padStart(8, '0');
  return hex;
};
