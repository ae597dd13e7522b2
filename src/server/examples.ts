import type { PlanBook } from '../catalog/plan-book.ts';
import type { Dictionary } from '../model/dictionary.ts';
import { errorClassOf, finishClassOf } from '../model/error-class.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Objective } from '../objectives/objective.ts';
import { isFilteredBy, planOf } from '../store/plans.ts';
import type { Reader } from '../store/reader.ts';
import { EVENT_CLOCK, TallyBook } from '../tally/book.ts';
import { foldInteraction, foldRatingByEvent } from '../tally/fold.ts';
import { foldJointByEvent } from '../tally/joint.ts';
import { SliceValues } from '../tally/plan.ts';

/**
 * Whether one interaction broke an objective's promise; null when it says nothing about it (unlabelled, unrated).
 * Counted as the tallies count it, so that an example can't disagree with the numbers.
 */
export function isBadInteraction(
  reader: Reader,
  plans: PlanBook,
  dictionary: Dictionary,
  objective: Objective,
  interaction: Interaction,
): boolean | null {
  const whole = { ...plans.planOf(interaction.service), dimensions: [] };
  const classes = {
    finish: () => 0,
    error: () => 0,
    isFiltered: (one: Interaction) => isFilteredBy(one, (code) => dictionary.textOrNull(code)),
  };
  const plan = planOf(
    whole,
    () => new SliceValues(),
    classes,
    (code) => dictionary.text(code),
  );
  const book = new TallyBook();
  foldInteraction(book, plan, () => 6, interaction, 1);
  // Measures of spans don't look at what was said of them: reading that is most of the work.
  const { detectorClock, detectorLag } = objective.events;
  const isOfSpans = detectorClock === EVENT_CLOCK && detectorLag === undefined;
  const ratings = isOfSpans ? [] : reader.ratingsOf(interaction.traceId);
  const said = ratings.filter(({ active, owner }) => active && owner?.span === interaction.anchorSpanId);
  for (const { rating } of said) foldRatingByEvent(book, plan, interaction, rating, null, 1);
  foldJointByEvent(book, plan, interaction, said, 1);
  const { n, bad } = objective.events.eventsOf(book.tallyOf(0));
  // A score is bad when its loss is more than a mean may have.
  const allowed = objective.judgedBy === 'scores' ? (objective.q0 ?? 0) * n : 0;
  return n === 0 ? null : bad > allowed;
}

/** The value that an interaction has in a slice dimension (or in two, joined). */
export function sliceValue(dictionary: Dictionary, dimension: string, interaction: Interaction): string {
  return dimension
    .split(' & ')
    .map((one) => singleValue(dictionary, one, interaction) ?? '(none)')
    .join(' & ');
}

function singleValue(dictionary: Dictionary, dimension: string, interaction: Interaction): string | null {
  const text = (code: number): string | null => dictionary.textOrNull(code);
  switch (dimension) {
    case 'response_model':
      return text(interaction.responseModel);
    case 'request_model':
      return text(interaction.requestModel);
    case 'provider':
      return text(interaction.provider);
    case 'operation':
      return text(interaction.operation);
    case 'agent':
      return text(interaction.agent);
    case 'prompt_name':
      return text(interaction.promptName);
    case 'prompt_version':
      return text(interaction.promptVersion);
    case 'service_version':
      return text(interaction.serviceVersion);
    case 'finish_class':
      return finishClassOf(text(interaction.finishReason));
    case 'error_class':
      return interaction.isError ? errorClassOf(text(interaction.errorType) ?? '', interaction.httpStatus) : null;
    default: {
      const code = dictionary.code(dimension);
      return text(interaction.attributes.find(([name]) => name === code)?.[1] ?? 0);
    }
  }
}
