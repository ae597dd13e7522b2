import { plainText } from '../../../../model/plain-text.ts';
import type { ProblemTrendJson } from '../api.ts';
import { categoryText, wordsOf } from './format.ts';

type Month = ProblemTrendJson['months'][number];

/** So many of a kind are named; the API has all. */
const NAMED_MAX = 5;

/** What happened in a month: why, what it was filed under, where, and what became of problems. */
export const trendLines = ({ byCause, byCategory, byService, problemsOpened, problemsClosed }: Month): string[] => [
  ...counted(
    'cause',
    byCause.map(({ cause, incidents }) => [cause === null ? 'of no problem' : wordsOf(cause), incidents]),
  ),
  ...counted(
    'category',
    byCategory.map(({ category, incidents }) => [categoryText(category), incidents]),
  ),
  ...counted(
    'service',
    byService.map(({ service, incidents }) => [plainText(service), incidents]),
  ),
  `problems opened ${problemsOpened}, closed ${problemsClosed}`,
];

function counted(what: string, counts: readonly (readonly [string, number])[]): string[] {
  if (counts.length === 0) return [];
  const more = counts.length - NAMED_MAX;
  const named = counts.slice(0, NAMED_MAX).map(([name, n]) => `${name} ${n}`);
  return [`by ${what}: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}
