/**
 * Of counts that divide a whole (`{input: 5, input_cached: 16, output: 8, total: 29}`) the sum of those with a word in their
 * names; null when they do not add up to `total`: then they are no parts, and each stands for itself. Without a `total` they
 * are parts where one of them has the word alone for its name.
 */
export function sumOfParts(text: string, word: string): number | null {
  const counts = countsIn(text);
  const total = counts.find(([name]) => name === 'total')?.[1];
  const parts = counts.filter(([name]) => name !== 'total');
  const areParts = total === undefined ? parts.some(([name]) => name === word) : sum(parts) === total;
  if (!areParts) return null;
  const wanted = parts.filter(([name]) => name.includes(word));
  return wanted.length === 0 ? null : sum(wanted);
}

const sum = (counts: readonly (readonly [string, number])[]): number =>
  counts.reduce((all, [, count]) => all + count, 0);

/** The members of a JSON object that are numbers >= 0. */
function countsIn(text: string): [string, number][] {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof object !== 'object' || object === null) return [];
  return Object.entries(object).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0,
  );
}
