import { closest, distance } from 'fastest-levenshtein';

/** The known word that a misspelt one is most likely meant to be; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (known.length === 0 || word === '') return null;
  const lower = word.toLowerCase();
  const exact = known.find((one) => one.toLowerCase() === lower);
  if (exact !== undefined) return exact;
  const best = closest(lower, [...known]);
  return distance(lower, best.toLowerCase()) <= Math.max(1, Math.floor(Math.max(word.length, best.length) * 0.4))
    ? best
    : null;
}

/** "did you mean ...", or the list of what is known. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === null ? `known are: ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
}
