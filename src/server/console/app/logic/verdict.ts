export type Verdict = 'met' | 'at_risk' | 'breached' | 'insufficient_evidence';

/** Worst first. What can not be decided comes before what is well: it needs somebody. */
const ORDER: readonly Verdict[] = ['breached', 'at_risk', 'insufficient_evidence', 'met'];

const WORDS: Readonly<Record<Verdict, string>> = {
  breached: 'breached',
  at_risk: 'at risk',
  insufficient_evidence: 'not decidable',
  met: 'met',
};

export const verdictWord = (verdict: Verdict): string => WORDS[verdict];
export const rankOf = (verdict: Verdict): number => ORDER.indexOf(verdict);

interface Rated {
  readonly name: string;
  readonly environment: string | null;
  readonly verdict: Verdict;
  readonly criticality: number | null;
  readonly objectives: readonly unknown[];
  readonly openIncidents: readonly { readonly priority: number }[];
}

const urgent = (one: Rated): number => Math.min(9, ...one.openIncidents.map((incident) => incident.priority));

/** Worst verdict first, then the most urgent incident, then the most critical service; last those of which nothing is promised. */
export function worstFirst<T extends Rated>(services: readonly T[]): T[] {
  return services.toSorted(
    (a, b) =>
      Number(a.objectives.length === 0) - Number(b.objectives.length === 0) ||
      rankOf(a.verdict) - rankOf(b.verdict) ||
      urgent(a) - urgent(b) ||
      (a.criticality ?? 9) - (b.criticality ?? 9) ||
      a.name.localeCompare(b.name) ||
      (a.environment ?? '').localeCompare(b.environment ?? ''),
  );
}

/** Promises of a service in the same order. */
export const worstPromiseFirst = <T extends { readonly name: string; readonly verdict: Verdict }>(
  promises: readonly T[],
): T[] => promises.toSorted((a, b) => rankOf(a.verdict) - rankOf(b.verdict) || a.name.localeCompare(b.name));
