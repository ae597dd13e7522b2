import type { Beside, BesideWanted, EstimateParts, Estimator } from '../../measures/estimator.ts';
import type { EventMeasure } from '../../measures/events.ts';
import { estimateShare } from '../../measures/share.ts';
import type { Estimate } from '../../model/estimate.ts';
import type { Step } from '../../store/reader.ts';
import { LABEL_CLOCK } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';

/** A measure of a service over time. */
export interface Line {
  /** Objectives that it is the line of; none where it is drawn without any. */
  readonly objectives?: readonly string[];
  /** What tells it apart from others of the same measure and subject. */
  readonly variant?: string | undefined;
  /** What is said of a step of another length is not this measure. */
  readonly step?: Step;
  readonly head: Pick<Estimate, 'measure' | 'subject' | 'method' | 'proxy'>;
  readonly partsOf: (tally: Tally, minutes: number, beside: Beside | undefined) => EstimateParts;
  readonly beside?: BesideWanted | undefined;
  /** Whether it is drawn at all, by the tally of all that is shown; absent: always. */
  readonly isKnownIn?: (all: Tally) => boolean;
  /** What it is a share of, where that comes late. */
  readonly late?: EventMeasure;
}

/** How a measure is read of the tallies of steps: by its estimator, else as the share of its good events. */
export function readOf(events: EventMeasure, estimator?: Estimator): Pick<Line, 'partsOf' | 'beside' | 'late'> {
  if (estimator !== undefined)
    return {
      partsOf: (tally, minutes, beside) => estimator.estimate(tally, { anyTime: false, minutes }, beside),
      beside: estimator.beside,
    };
  return { partsOf: shareOf(events), ...(isLate(events) ? { late: events } : {}) };
}

/** Of what waits for something to come late it is not kept how much has come. */
const shareOf =
  ({ eventsOf, detectorLag }: EventMeasure): Line['partsOf'] =>
  (tally) => ({ ...estimateShare(eventsOf(tally)), ...(detectorLag !== undefined && { maturity: null }) });

/** What is counted of it comes late: feedback, labels, scores. */
const isLate = ({ detectorClock }: EventMeasure): boolean => detectorClock === LABEL_CLOCK;
