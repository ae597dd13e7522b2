import { estimateCalibration } from '../../measures/calibration-estimate.ts';
import type { EstimateParts } from '../../measures/estimator.ts';
import { LEVEL } from '../../measures/interval.ts';
import { labelMethod } from '../../measures/labelled.ts';
import { readTrust } from '../../measures/trust.ts';
import { type TrustSources, trustGap, trustParts } from '../../measures/trust-parts.ts';
import { trustSources } from '../../measures/trust-sources.ts';
import type { TrustComponent } from '../../model/config/measure.ts';
import type { Code } from '../../model/dictionary.ts';
import { countedKey } from '../../model/names.ts';
import { feedback } from '../../tally/counters.ts';
import { count, type Tally } from '../../tally/group.ts';
import type { ApiContext } from './context.ts';
import { jointSourcesOf } from './joint-sources.ts';
import { type Line, readOf } from './line.ts';

/** Trust in a declared service, as far as anything is known of it: the index, its components, the gap, and calibration. */
export function trustLines(context: ApiContext, counted: Code): Line[] {
  const { catalog, dictionary } = context;
  const service = catalog.services.find((one) => dictionary.code(countedKey(one)) === counted);
  if (service === undefined) return [];
  const sources = jointSourcesOf(context, counted);
  const of = trustSources(sources, service);
  const { components, label } = service.trust;
  const lines = ([null, ...components] as const).map((component): Line => {
    const { events, estimator, subject, method, proxy = false } = readTrust(sources, { component }, service);
    return {
      ...readOf(events, estimator),
      head: { measure: 'trust', subject, method, proxy },
      isKnownIn: (all) => isKnown(trustParts(all, of), component),
    };
  });
  lines.push({
    head: { measure: 'trust', subject: 'gap', method: labelMethod(of.sampling), proxy: false },
    partsOf: (tally) => gapParts(tally, of),
    isKnownIn: (all) => trustGap(all, of) !== null,
  });
  if (of.bins !== null)
    lines.push({
      head: { measure: 'calibration', subject: label, method: labelMethod(of.sampling), proxy: false },
      partsOf: (tally) => estimateCalibration(tally, of.bins!),
      isKnownIn: (all) => estimateCalibration(all, of.bins!).n > 0,
    });
  return lines;
}

/** Of the index anything but satisfaction alone, which has a line of its own. */
const isKnown = (parts: ReturnType<typeof trustParts>, component: TrustComponent | null): boolean =>
  component === null
    ? Object.entries(parts).some(([name, { n }]) => name !== 'satisfaction' && n > 0)
    : component !== 'satisfaction' && parts[component].n > 0;

/** In [-1, 1]: above 0 answers are accepted more often than they are right. */
function gapParts(tally: Tally, sources: TrustSources): EstimateParts {
  const n = count(tally, feedback('decision', 'accepted')) + count(tally, feedback('decision', 'overridden'));
  const known = { level: LEVEL, n, coverage: null, maturity: null };
  const found = trustGap(tally, sources);
  if (found === null) return { ...known, value: null, low: null, high: null, status: 'undefined' };
  const { value, low, high, ...detail } = found;
  return { ...known, value, low, high, status: 'ok', detail };
}
