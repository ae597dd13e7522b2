import type { ConflictFacts } from '../../changes/conflicts.ts';
import type { ChangeFacts } from '../../changes/lifecycle.ts';
import { assessmentOf, type RiskFacts } from '../../changes/risk.ts';
import { windowEnd } from '../../incidents/maintenance.ts';
import type { Assessment, ChangeRecord } from '../../model/change.ts';
import type { MaintenanceWindow } from '../../model/config/maintenance.ts';
import { isHighRiskClass, type Service } from '../../model/config/service.ts';
import type { Millis } from '../../model/time.ts';
import { changesIn, templateUses } from '../../store/records/change-records.ts';
import type { Records } from '../../store/records/records.ts';

type About = Pick<ChangeRecord, 'service' | 'environment'>;

/** The file of the service that a change is of, of its environment where it names one; null: no file declares it. */
export const fileOfChange = (services: readonly Service[], { service, environment }: About): Service | null =>
  services.find((one) => one.name === service && one.environment === (environment ?? '')) ??
  services.find((one) => one.name === service && (environment === null || one.environment === '')) ??
  null;

/** The last end of those windows that a moment lies in. */
function lastEnd(windows: readonly MaintenanceWindow[], at: Millis): Millis | null {
  const ends = windows.map((window) => windowEnd(window, at)).filter((end) => end !== null);
  return ends.length === 0 ? null : Math.max(...ends);
}

export const freezeEndOf = (file: Service | null, at: Millis): Millis | null => lastEnd(file?.freezeWindows ?? [], at);

const riskFactsOf = (file: Service | null): RiskFacts => ({
  isHighRisk: file !== null && isHighRiskClass(file.euAiAct.riskClass),
  criticality: file?.criticality ?? 4,
  irreversibleTools:
    file?.tools.filter(({ sideEffects }) => sideEffects === 'irreversible').map(({ name }) => name) ?? [],
  tools: file?.tools.map(({ name }) => name) ?? [],
  isGated: file?.changes === 'gate',
});

/** What its changes are weighed by. */
export const assessIn =
  (services: readonly Service[]) =>
  (change: ChangeRecord): Assessment =>
    assessmentOf(change, riskFactsOf(fileOfChange(services, change)));

/** Whether changes of a service are assessed and reviewed also where they were only told of. */
export const isReviewed = (services: readonly Service[], about: About): boolean =>
  (fileOfChange(services, about)?.changes ?? 'record') !== 'record';

export async function changeFactsOf(
  records: Records,
  services: readonly Service[],
  change: ChangeRecord,
  now: Millis,
): Promise<ChangeFacts> {
  const file = fileOfChange(services, change);
  const { template } = change;
  return {
    freezeUntil: freezeEndOf(file, now),
    templateUses: template === null ? 0 : await templateUses(records, change.service, template),
    approval: file?.approval ?? 'internal',
    assess: assessIn(services),
  };
}

export async function conflictFactsOf(
  records: Records,
  services: readonly Service[],
  change: ChangeRecord,
  now: Millis,
): Promise<ConflictFacts> {
  const file = fileOfChange(services, change);
  const isOn = (one: Service): boolean => one.dependsOn.some(({ name }) => name === change.service);
  return {
    now,
    others: await changesIn(records, ['scheduled', 'implement']),
    upstream: new Set(file?.dependsOn.map(({ name }) => name)),
    downstream: new Set(services.filter(isOn).map(({ name }) => name)),
    freezeEnd: (at) => freezeEndOf(file, at),
    maintenanceEnd: (at) => lastEnd(file?.maintenanceWindows ?? [], at),
    hasMaintenance: (file?.maintenanceWindows.length ?? 0) > 0,
  };
}
