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
