/** A matcher as it is written in a form, and sent. */
export interface MatcherRow {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

const HOUR_MS = 3_600_000;

/** For how long somebody may not want to be told, in the order offered. */
export const SILENCE_LENGTHS: readonly { readonly text: string; readonly ms: number }[] = [
  { text: '1 hour', ms: HOUR_MS },
  { text: '4 hours', ms: 4 * HOUR_MS },
  { text: '1 day', ms: 24 * HOUR_MS },
  { text: '7 days', ms: 7 * 24 * HOUR_MS },
  { text: '30 days', ms: 30 * 24 * HOUR_MS },
];

/** `service = "bot", priority =~ "P[45]"` */
export const matchersText = (matchers: readonly MatcherRow[]): string =>
  matchers.map(({ label, operator, value }) => `${label} ${operator} ${JSON.stringify(value)}`).join(', ');

/** The rows that say something; null: none does. */
export function filledRows(rows: readonly MatcherRow[]): MatcherRow[] | null {
  const filled = rows.map((row) => ({ ...row, value: row.value.trim() })).filter(({ value }) => value !== '');
  return filled.length === 0 ? null : filled;
}

/** What a form begins with: of one incident, or of nothing yet. */
export const firstRows = (incident: string | null): MatcherRow[] =>
  incident === null
    ? [{ label: 'service', operator: '=', value: '' }]
    : [{ label: 'incident', operator: '=', value: incident }];
