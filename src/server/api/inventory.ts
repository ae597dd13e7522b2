import { type ApprovedVersion, approvalOf, approvedVersions } from '../../catalog/approved-versions.ts';
import { componentFindings } from '../../catalog/component-findings.ts';
import type { Finding } from '../../catalog/findings.ts';
import { recordOverdue } from '../../catalog/record-overdue.ts';
import { retiringModels } from '../../catalog/retiring-models.ts';
import type { SeenComponent } from '../../catalog/seen-component.ts';
import { conflictFinding } from '../../catalog/service-records.ts';
import { standingOf } from '../../catalog/standing.ts';
import type { Service } from '../../model/config/service.ts';
import type { Code } from '../../model/dictionary.ts';
import { type CountedService, countedKey } from '../../model/names.ts';
import { HOUR_MS, iso, MINUTE_MS, type Millis } from '../../model/time.ts';
import { changesApproved } from '../../store/records/change-records.ts';
import { componentsSeen } from '../components-seen.ts';
import type { ApiContext } from './context.ts';
import { withTraces } from './traces-of-components.ts';

/** A list of all services says what was seen so long ago: it is asked for every few seconds, of many. */
const KEPT_MS = 5 * MINUTE_MS;
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
export async function inventoryFindings(
  context: ApiContext,
  counted: CountedService,
  service: Service | null,
  components: readonly SeenComponent[],
  approved: readonly ApprovedVersion[],
  isWhole: boolean,
): Promise<Finding[]> {
  const now = context.now();
  const retiring = retiringModels(service, components, now, context.modelRetirements);
  if (service === null) return retiring;
  const strange = components.filter((one) => isStrange(service, one, approved));
  const traced = isWhole && strange.length > 0 ? await withTraces(context, service, strange) : strange;
  const shown = [...components.filter((one) => !strange.includes(one)), ...traced];
  return [
    ...componentFindings(service, shown, now, approved),
    ...retiring,
    ...recordOverdue(service, now, context.startedAt),
    ...conflictFinding(
      counted.name,
      context.register.conflictsOf(counted),
      context.register.recordOf(counted)?.history.at(-1)?.at ?? now,
    ),
  ];
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

/** Where the record of a service comes from. */
export const recordedBy = (
  { register, catalog }: Pick<ApiContext, 'register' | 'catalog'>,
  service: CountedService,
): ('file' | 'api')[] => [
  ...(catalog.byName(service.name, service.environment) === null ? [] : (['file'] as const)),
  ...(Object.keys(register.recordOf(service)?.fields ?? {}).length === 0 ? [] : (['api'] as const)),
];
