import type { ChangeRecord } from '../model/change.ts';
import type { Service } from '../model/config/service.ts';
import { snapshotOf } from '../model/snapshot.ts';
import type { ComponentKind, SeenComponent } from './seen-component.ts';

/** What somebody has approved to be used, beside what the file of a service lists. */
export interface ApprovedVersion {
  readonly kind: ComponentKind;
  /** A model or a version, as whoever asked for the change has written it. */
  readonly name: string;
  /** By which change. */
  readonly change: string;
}

const KINDS: Readonly<Partial<Record<ChangeRecord['type'], ComponentKind>>> = {
  model_version: 'model',
  provider_snapshot: 'model',
  embedding_model: 'model',
  prompt: 'prompt_version',
  system_instruction: 'prompt_version',
  tool: 'tool',
  retrieval_corpus: 'vector_store',
  guardrail: 'guardrail',
};

/** A standard change is approved with its template. */
const APPROVED: readonly ChangeRecord['state'][] = ['scheduled', 'implement', 'review', 'closed'];

/**
 * What changes of a service introduce, from their approval on. One that was called off, rolled back, or found unsuccessful by whoever
 * signed its review has introduced nothing. @param changes  of the service, in all environments
 */
export function approvedVersions(
  { environment }: Pick<Service, 'environment'>,
  changes: readonly ChangeRecord[],
): ApprovedVersion[] {
  return changes.flatMap(({ id, type, state, after, rolledBack, review, environment: where }) => {
    const kind = KINDS[type];
    const isHere = where === null || environment === '' || where === environment;
    if (kind === undefined || after === null || !isHere || !APPROVED.includes(state)) return [];
    if (rolledBack || review?.signed?.result === 'unsuccessful') return [];
    return [{ kind, name: after.id, change: id }];
  });
}

/** The change by which what was seen is approved. A model may be named whole, or by the snapshot alone of one that the file lists. */
export function approvalOf(
  { models }: Pick<Service, 'models'>,
  { kind, provider, name }: SeenComponent,
  approved: readonly ApprovedVersion[],
): ApprovedVersion | undefined {
  const isIt = (version: string): boolean =>
    version === name ||
    (kind === 'model' &&
      (version === `${provider}/${name}` ||
        (version !== '' && models.some((model) => snapshotOf(model.name, name) === version))));
  return approved.find((one) => one.kind === kind && isIt(one.name));
}
