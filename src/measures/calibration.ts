import { requireCount, requirePart } from '../model/numbers.ts';

/** Labelled events of one bin of stated confidence. */
export interface ConfidenceBin {
  readonly n: number;
  /** Sum of the stated confidences. */
  readonly sumConfidence: number;
  readonly correct: number;
}

export interface Calibration {
  /** Expected and largest distance of stated confidence from accuracy. */
  readonly ece: number;
  readonly mce: number;
  /** What a perfectly calibrated model would show at these counts. */
  readonly eceNull: number;
  /** max(0, ece - eceNull): the part that may be alerted on. */
  readonly eceAdjusted: number;
  /** Murphy's parts of the Brier score, up to the spread inside bins. */
  readonly reliability: number;
  readonly resolution: number;
  readonly uncertainty: number;
  /** Expected error over bins of equal counts, and how many those were. */
  readonly adaptiveEce: number;
  readonly adaptiveGroups: number;
}

const ADAPTIVE_GROUPS = 10;
/** Single values are rounded to millionths before they are summed. */
const ROUNDING = 4e-6;

function requireSumOf(name: string, sum: number, n: number): void {
  const slack = ROUNDING * (n + 1);
  if (!(sum >= -slack && sum <= n + slack))
    throw new RangeError(`${name} is ${sum}, which is no sum of ${n} values in [0, 1]`);
}

/**
 * How well stated confidence matches accuracy, from bins of equal width; empty bins are left out.
 * @returns null when no event is labelled
 * @see Naeini et al. (2015), AAAI; Guo et al. (2017), ICML; Nixon et al. (2019), CVPR-W (adaptive); Murphy (1973)
 */
export function calibration(bins: readonly ConfidenceBin[]): Calibration | null {
  for (const { n, sumConfidence, correct } of bins) {
    requirePart('correct', correct, 'n', n);
    requireSumOf('sumConfidence', sumConfidence, n);
  }
  const filled = bins.filter(({ n }) => n > 0);
  const total = filled.reduce((sum, { n }) => sum + n, 0);
  if (total === 0) return null;
  const accuracyAll = filled.reduce((sum, { correct }) => sum + correct, 0) / total;
  let ece = 0;
  let mce = 0;
  let eceNull = 0;
  let reliability = 0;
  let resolution = 0;
  for (const bin of filled) {
    const weight = bin.n / total;
    const accuracy = bin.correct / bin.n;
    const gap = gapOf(bin);
    ece += weight * gap;
    mce = Math.max(mce, gap);
    eceNull += weight * Math.sqrt((2 * accuracy * (1 - accuracy)) / (Math.PI * bin.n));
    reliability += weight * gap * gap;
    resolution += weight * (accuracy - accuracyAll) ** 2;
  }
  const groups = groupsOfEqualCount(filled, total);
  return {
    ece,
    mce,
    eceNull,
    eceAdjusted: Math.max(0, ece - eceNull),
    reliability,
    resolution,
    uncertainty: accuracyAll * (1 - accuracyAll),
    adaptiveEce: groups.reduce((sum, group) => sum + (group.n / total) * gapOf(group), 0),
    adaptiveGroups: groups.length,
  };
}

const gapOf = ({ n, sumConfidence, correct }: ConfidenceBin): number =>
  Math.min(1, Math.abs(correct / n - sumConfidence / n));

/** Walks the bins upward and closes a group when it holds a tenth of all; what remains joins the last group. */
function groupsOfEqualCount(bins: readonly ConfidenceBin[], total: number): ConfidenceBin[] {
  const groups: ConfidenceBin[] = [];
  let open: ConfidenceBin = { n: 0, sumConfidence: 0, correct: 0 };
  for (const bin of bins) {
    open = join(open, bin);
    if (open.n * ADAPTIVE_GROUPS < total) continue;
    groups.push(open);
    open = { n: 0, sumConfidence: 0, correct: 0 };
  }
  if (open.n > 0) groups.push(groups.length === 0 ? open : join(groups.pop()!, open));
  return groups;
}

const join = (a: ConfidenceBin, b: ConfidenceBin): ConfidenceBin => ({
  n: a.n + b.n,
  sumConfidence: a.sumConfidence + b.sumConfidence,
  correct: a.correct + b.correct,
});

/** Sums over labelled events of confidence c and correctness y. */
export interface BrierSums {
  readonly n: number;
  readonly sumCC: number;
  readonly sumCY: number;
  readonly sumY: number;
}

/** Mean squared distance of confidence from what happened. @returns null for no events  @see Brier (1950) */
export function brier({ n, sumCC, sumCY, sumY }: BrierSums): number | null {
  requireCount('n', n);
  for (const [name, value] of Object.entries({ sumCC, sumCY, sumY })) requireSumOf(name, value, n);
  if (n === 0) return null;
  const score = (sumCC - 2 * sumCY + sumY) / n;
  if (!(score >= -ROUNDING && score <= 1 + ROUNDING))
    throw new RangeError(
      `sumCC ${sumCC}, sumCY ${sumCY} and sumY ${sumY} are not those of ${n} confidences and outcomes`,
    );
  return Math.min(1, Math.max(0, score));
}
