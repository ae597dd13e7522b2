/** Longer values are cut: a label is a name, not a text. */
const VALUE_MAX = 128;
export const OVERFLOW = '__overflow__';

/** What nearly every value is: short, and without anything that would have to be escaped. */
const PLAIN = /^[ !#-[\]-~]{0,128}$/;

/** A label value as it stands on the page: cut, on one line, escaped. */
export function labelText(value: string): string {
  if (PLAIN.test(value)) return value;
  return [...value]
    .slice(0, VALUE_MAX)
    .join('')
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}

/** `a="x",b="y"` in the order of the names; unequal values never give equal texts, as keys joined by commas would. */
export function labelsText(names: readonly string[], values: Readonly<Record<string, string>>): string {
  return names.map((name) => `${name}="${labelText(values[name] ?? '')}"`).join(',');
}

export const overflowText = (names: readonly string[]): string =>
  names.map((name) => `${name}="${OVERFLOW}"`).join(',');
