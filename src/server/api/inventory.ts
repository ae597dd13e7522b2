import { type ApprovedVersion, approvalOf, approvedVersions } from '../../catalog/approved-versions.ts';
import { componentFindings } from '../../catalog/component-findings.ts';
import type { Finding } from '../../catalog/findings.ts';
import { recordOverdue } from '../../catalog/record-overdue.ts';
import { retiringModels } from '../../catalog/retiring-models.ts';
import type { SeenComponent } from '../../catalog/seen-component.ts';
import { standingOf } from '../../catalog/standing.ts';
import type { Service } from '../../model/config/service.ts';
import type { Code } from '../../model/dictionary.ts';
import { hexOfId } from '../../model/ids.ts';
import { type CountedService, countedKey } from '../../model/names.ts';
import { DAY_MS, HOUR_MS, iso, MINUTE_MS, type Millis } from '../../model/time.ts';
import { changesApproved } from '../../store/records/change-records.ts';
import { componentsSeen } from '../components-seen.ts';
import type { ApiContext } from './context.ts';
import { placeAt } from './query.ts';

/** A list of all services says what was seen so long ago: it is asked for every few seconds, of many. */
const KEPT_MS = 5 * MINUTE_MS;
/** Interactions that are looked through for traces of what was seen. */
const LOOKED_THROUGH = 200;
const TRACES_MAX = 3;
/** Newest approved changes that are looked through. */
const APPROVED_MAX = 500;

interface Kept {
  readonly at: Millis;
  readonly seen: readonly SeenComponent[];
}
const kept = new WeakMap<ApiContext['reader'], Map<Code, Kept>>();

/** The parts of a service that its telemetry of the last day shows. @param isFresh  as of now, and not of some minutes ago */
export function componentsOf(context: ApiContext, counted: CountedService, isFresh: boolean): readonly SeenComponent[] {
  const { reader, dictionary } = context;
  const now = context.now();
  const code = dictionary.code(countedKey(counted));
  let ofReader = kept.get(reader);
  if (ofReader === undefined) {
    ofReader = new Map();
    kept.set(reader, ofReader);
  }
  const known = ofReader.get(code);
  if (!isFresh && known !== undefined && now >= known.at && now < known.at + KEPT_MS) return known.seen;
  const hour = Math.floor(now / HOUR_MS);
  const seen = componentsSeen(reader, dictionary, code, hour - 23, hour);
  ofReader.set(code, { at: now, seen });
  return seen;
}

const isStrange = (service: Service, one: SeenComponent, approved: readonly ApprovedVersion[] = []): boolean =>
  !['declared', 'approved', 'not_told'].includes(standingOf(service, one, approved));

/** What changes of the service were approved to introduce: looked for where something was seen that its file does not list. */
export async function approvedFor(
  { records }: ApiContext,
  service: Service | null,
  components: readonly SeenComponent[],
): Promise<readonly ApprovedVersion[]> {
  if (service === null || !components.some((one) => isStrange(service, one))) return [];
  return approvedVersions(service, await changesApproved(records, service.name, APPROVED_MAX));
}

/** What of the record of a service should be otherwise. @param isWhole  with traces that show it, which takes longer */
export function inventoryFindings(
  context: ApiContext,
  service: Service | null,
  components: readonly SeenComponent[],
  approved: readonly ApprovedVersion[],
  isWhole: boolean,
): Finding[] {
  const now = context.now();
  const retiring = retiringModels(service, components, now, context.modelRetirements);
  if (service === null) return retiring;
  const shown =
    isWhole && components.some((one) => isStrange(service, one, approved))
      ? withTraces(context, service, components)
      : components;
  return [
    ...componentFindings(service, shown, now, approved),
    ...retiring,
    ...recordOverdue(service, now, context.startedAt),
  ];
}

/** Those among the newest interactions that name a component. */
function withTraces(context: ApiContext, service: Service, components: readonly SeenComponent[]): SeenComponent[] {
  const { reader, dictionary, plans } = context;
  const code = dictionary.code(countedKey(service));
  const now = context.now();
  const { interactions } = reader.interactions(
    (one) => plans.countedOf(one.service) === code,
    placeAt(now - DAY_MS),
    placeAt(now),
    LOOKED_THROUGH,
  );
  return components.map((component) => {
    const traces = new Set<string>();
    for (const one of interactions) {
      if (traces.size === TRACES_MAX) break;
      const names = {
        model: one.responseModel || one.requestModel,
        prompt: one.promptName,
        prompt_version: one.promptVersion,
        agent: one.agent,
        tool: 0,
        vector_store: 0,
        guardrail: 0,
      };
      if (dictionary.textOrNull(names[component.kind]) === component.name) traces.add(hexOfId(one.traceId));
    }
    return { ...component, traces: [...traces] };
  });
}

/** What was seen beside what the file says of it. */
export const componentToJson = (
  service: Service | null,
  component: SeenComponent,
  approved: readonly ApprovedVersion[],
): Record<string, unknown> => ({
  kind: component.kind,
  provider: component.provider,
  name: component.name,
  firstSeen: component.firstSeen === null ? null : iso(component.firstSeen),
  lastDay: component.lastDay,
  standing: service === null ? 'not_told' : standingOf(service, component, approved),
  approvedBy: service === null ? null : (approvalOf(service, component, approved)?.change ?? null),
});
