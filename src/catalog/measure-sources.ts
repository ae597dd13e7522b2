import type { KnownEvaluation, MeasureSources, RatingSources } from '../measures/definition.ts';
import { definitionOf } from '../measures/index.ts';
import type { Service } from '../model/config/service.ts';
import type { Code } from '../model/dictionary.ts';
import type { LabelName } from '../model/names.ts';
import { isReported } from './false-incident-budget.ts';
import { binCodes } from './joints.ts';
import type { LabelSources, ObjectiveSources } from './objectives.ts';
import type { PlanBook } from './plan-book.ts';

/** What the measures of one service are read from. @param counted  what it is counted under */
export function measureSources(sources: ObjectiveSources, service: Service, counted: Code): MeasureSources {
  const { objectives, dictionary, plans } = sources;
  const measures: MeasureSources = {
    ...ratingSources(sources, counted),
    service,
    currency: plans.pricesOf(service).currency,
    textOf: (code) => dictionary.text(code),
    objectiveNamed: (name) => objectives.find((one) => one.name === name),
    isReport: isReported,
    read: (measure) => definitionOf(measure).read(measure, measures),
  };
  return measures;
}

/** What measures of ratings are read from. */
export function ratingSources({ plans, evaluatorsOf, labelsAtRandomOf }: LabelSources, counted: Code): RatingSources {
  const newestOf = (candidates: readonly KnownEvaluation[]): KnownEvaluation | null => {
    const newest = evaluatorsOf(counted).findLast((code) => candidates.some((one) => one.code === code));
    return candidates.find(({ code }) => code === newest) ?? null;
  };
  return {
    codeOf: (name) => plans.codeOf(name),
    labelsNamed: (name, sampling) => plans.labelsNamed(name, sampling),
    labelsOf: (name, asked) => labelsOf(plans, labelsAtRandomOf(counted), name, asked),
    newest: (name, pinned) =>
      newestOf(plans.evaluationsNamed(name).filter(({ version }) => pinned === null || version === pinned)),
    newestJudge: () => newestOf(plans.judges),
    scoreBins: (evaluation) => plans.scoreBinCodes(evaluation),
    confidenceBins: (label, sampling, stated) => binCodes(plans, label, sampling, stated),
  };
}

/** @param atRandom  codes of the labels that the service has of interactions chosen at random */
function labelsOf(
  plans: PlanBook,
  atRandom: readonly Code[],
  name: string,
  asked: LabelName['sampling'] | null,
): { sampling: LabelName['sampling']; codes: Code[] } {
  const random = plans.labelsNamed(name, 'random');
  const voluntary = plans.labelsNamed(name, 'voluntary');
  const hasRandom = atRandom.some((code) => random.includes(code));
  const sampling = asked ?? (hasRandom || voluntary.length === 0 ? 'random' : 'voluntary');
  return { sampling, codes: sampling === 'random' ? random : voluntary };
}
