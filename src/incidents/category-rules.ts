import type { ErrorClass } from '../model/error-class.ts';
import type { Measure } from '../model/estimate.ts';
import type { Category } from '../model/taxonomy.ts';

/** What the traffic and the people of a service show since the onset of a breach, beside the breach itself. */
export interface Signs {
  /** Events of the measure, and bad ones. */
  readonly n: number;
  readonly bad: number;
  /** Interactions that were seen. */
  readonly interactions: number;
  /** Those of them that failed, by class; `unnamed`: requests that left no trace of AI. */
  readonly failed: Readonly<Record<ErrorClass | 'unnamed', number>>;
  /** Tokens of an interaction, in the mean; null where nothing says how many. */
  readonly tokens: number | null;
  /** The same of the 24 hours before. */
  readonly tokensBefore: number | null;
  readonly flags: Flags;
}

/** How many answers people have flagged as what. */
export interface Flags {
  readonly unsafe: number;
  readonly biased: number;
  readonly hallucinated: number;
  readonly wrong: number;
  readonly other: number;
}

export const NO_FLAGS: Flags = { unsafe: 0, biased: 0, hallucinated: 0, wrong: 0, other: 0 };

const sum = (counts: object): number => Object.values(counts).reduce((total: number, one: number) => total + one, 0);

/** At least half of the failures are of a class. */
const mostly =
  (name: ErrorClass) =>
  ({ failed }: Signs): boolean =>
    failed[name] > 0 && failed[name] >= sum(failed) / 2;

/** Fewer flags say nothing. */
const FLAGS_MIN = 5;
const flaggedAs =
  (name: keyof Flags) =>
  ({ flags }: Signs): boolean =>
    sum(flags) >= FLAGS_MIN && flags[name] >= sum(flags) / 2;

export interface CategoryRule {
  readonly measures: readonly Measure[];
  /** In words, for people. */
  readonly when: string;
  readonly holds: (signs: Signs) => boolean;
  readonly category: Category;
}

const FELT: readonly Measure[] = ['satisfaction', 'trust', 'escalation'];

/**
 * Where evidence says more than the measure does. The first that holds; where none does it is the usual category of the measure
 * (`defaultCategory`). An objective that names its category has that one (docs/guide/incidents.md).
 */
export const CATEGORY_RULES: readonly CategoryRule[] = [
  {
    measures: ['availability'],
    when: 'half of the failures or more are rate limits',
    holds: mostly('rate_limit'),
    category: 'ai.availability.rate_limited',
  },
  {
    measures: ['availability'],
    when: 'half of the failures or more are a content filter',
    holds: mostly('content'),
    category: 'ai.relevance.over_refusal',
  },
  {
    measures: ['availability'],
    when: 'nine of ten interactions or more were bad',
    holds: ({ n, bad }) => n > 0 && bad >= 0.9 * n,
    category: 'ai.availability.outage',
  },
  {
    measures: ['availability'],
    when: 'half of the failures or more are timeouts',
    holds: mostly('timeout'),
    category: 'ai.availability.latency',
  },
  {
    measures: ['latency', 'time_to_first_token'],
    when: 'one of twenty interactions or more failed by a rate limit or a timeout',
    holds: ({ failed, interactions }) =>
      failed.rate_limit + failed.timeout > 0 && failed.rate_limit + failed.timeout >= interactions / 20,
    category: 'ai.availability.capacity',
  },
  {
    measures: ['cost', 'cost_per_day'],
    when: 'an interaction takes twice as many tokens as in the 24 hours before, or more',
    holds: ({ tokens, tokensBefore }) => tokens !== null && tokensBefore !== null && tokens >= 2 * tokensBefore,
    category: 'ai.cost.token_runaway',
  },
  {
    measures: FELT,
    when: 'of five flags or more half say `unsafe`',
    holds: flaggedAs('unsafe'),
    category: 'ai.harmful_content.dangerous_advice',
  },
  {
    measures: FELT,
    when: 'of five flags or more half say `biased`',
    holds: flaggedAs('biased'),
    category: 'ai.bias.disparate_outcome',
  },
  {
    measures: FELT,
    when: 'of five flags or more half say `hallucinated`',
    holds: flaggedAs('hallucinated'),
    category: 'ai.hallucination.ungrounded',
  },
  {
    measures: FELT,
    when: 'of five flags or more half say `wrong`',
    holds: flaggedAs('wrong'),
    category: 'ai.accuracy.wrong_answer',
  },
];

/** What a breach is filed under. @param signs  null: nothing is known beside the breach */
export function categoryOf(
  { measure, category, isFiled }: { readonly measure: Measure; readonly category: string; readonly isFiled?: boolean },
  signs: Signs | null,
): string {
  if (isFiled === true || signs === null) return category;
  const rule = CATEGORY_RULES.find((one) => one.measures.includes(measure) && one.holds(signs));
  return rule?.category ?? category;
}
