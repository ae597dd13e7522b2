import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../src/server/console/app/styles/ground.css', import.meta.url), 'utf8');
const COLOURS = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6,8}), (#[0-9a-f]{6,8})\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
);

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe.each(['light', 'dark'] as const)('in the %s', (theme) => {
  const colour = (name: string): string => COLOURS.get(name)![theme];

  it.each(
    ['ink', 'muted', 'breached', 'at_risk', 'met', 'insufficient_evidence'].flatMap((text) =>
      ['paper', 'raised'].map((ground) => [text, ground] as const),
    ),
  )('%s can be read on %s (WCAG AA)', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('what stands on a solid verdict can be read', () => {
    expect(contrast(colour('on-solid'), colour('breached'))).toBeGreaterThanOrEqual(4.5);
  });
});
