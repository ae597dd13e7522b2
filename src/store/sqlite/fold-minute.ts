import type { Interaction } from '../../model/interaction.ts';
import { type Minute, TENTHS_PER_MINUTE } from '../../model/time.ts';
import { type Clock, EVENT_CLOCK, TallyBook } from '../../tally/book.ts';
import type { StoredRating } from '../rating.ts';
import type { SpanStore } from '../trace-store.ts';
import type { Counting } from './counting.ts';
import type { FailedEntries } from './failed-entries.ts';
import { interactionAt } from './owner.ts';
import type { RatingTable } from './ratings.ts';

/** What the tallies of a minute must be, by the stored rows alone: for recovery, for changed plans, and for `verify`. */
export function foldMinute(
  counting: Counting,
  parts: SpanStore,
  entries: FailedEntries,
  ratings: RatingTable,
  clock: Clock,
  minute: Minute,
): TallyBook {
  const book = new TallyBook();
  if (clock === EVENT_CLOCK) {
    for (const { judged } of parts.between(minute * TENTHS_PER_MINUTE, (minute + 1) * TENTHS_PER_MINUTE)) {
      if (judged.interaction !== null) counting.interaction(book, judged.interaction, 1);
      if (judged.call !== null) counting.call(book, judged.call, 1);
    }
    for (const entry of entries.countedIn(minute)) counting.failedEntry(book, entry, 1);
  }
  const rated = new Map<string, { readonly interaction: Interaction; readonly said: StoredRating[] }>();
  for (const one of ratings.countedIn(clock === EVENT_CLOCK ? 'event' : 'label', minute)) {
    const { active, owner, rating, at } = one;
    const known = owner === null ? undefined : rated.get(owner.trace + owner.span);
    const interaction = known?.interaction ?? (active && owner !== null ? interactionAt(parts, owner) : null);
    if (!active || owner === null || interaction === null) continue;
    if (clock === EVENT_CLOCK) counting.ratingByEvent(book, interaction, rating, at, 1);
    else counting.ratingByLabel(book, interaction, rating, at, 1);
    if (!counting.isJoint(interaction, rating)) continue;
    if (known === undefined) rated.set(owner.trace + owner.span, { interaction, said: [one] });
    else known.said.push(one);
  }
  for (const { interaction, said } of rated.values())
    if (clock === EVENT_CLOCK) counting.jointByEvent(book, interaction, said, 1);
    else counting.jointByLabel(book, interaction, ratings.countedWith(said[0]!.owner!), minute, 1);
  return book;
}
