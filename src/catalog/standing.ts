import type { Service } from '../model/config/service.ts';
import { snapshotOf } from '../model/snapshot.ts';
import { type ApprovedVersion, approvalOf } from './approved-versions.ts';
import { COMPONENT_LISTS, type ComponentKind, type SeenComponent } from './seen-component.ts';

/**
 * How something seen stands to the file of its service: it is listed; it is not, and a change of it was approved; another version of it
 * is listed; its provider is not even known; it is not listed; or the file lists nothing of the kind, and so says nothing of it.
 */
export const STANDINGS = [
  'declared',
  'approved',
  'other_version',
  'undeclared_provider',
  'undeclared',
  'not_told',
] as const;
export type Standing = (typeof STANDINGS)[number];

type Declared = Pick<Service, (typeof COMPONENT_LISTS)[ComponentKind]>;

/** Whether the file lists anything that telemetry could show: if not, nothing of it has to be read. */
export const listsAnything = (service: Declared): boolean =>
  Object.values(COMPONENT_LISTS).some((list) => service[list].length > 0);

/** Rules of docs/guide/inventory.md. Names are compared as they are written. @param approved  by changes of the service */
export function standingOf(
  service: Declared,
  seen: SeenComponent,
  approved: readonly ApprovedVersion[] = [],
): Standing {
  const standing = standingInFile(service, seen);
  const mayBeLifted = standing === 'other_version' || standing === 'undeclared';
  return mayBeLifted && approvalOf(service, seen, approved) !== undefined ? 'approved' : standing;
}

function standingInFile(service: Declared, seen: SeenComponent): Standing {
  if (service[COMPONENT_LISTS[seen.kind]].length === 0) return 'not_told';
  switch (seen.kind) {
    case 'model':
      return modelStanding(service.models, seen);
    case 'prompt':
      return listed(
        service.prompts.map(({ id }) => id),
        seen.name,
      );
    case 'prompt_version': {
      const versions = service.prompts.flatMap(({ version }) => version ?? []);
      if (versions.length === 0) return 'not_told';
      return versions.includes(seen.name) ? 'declared' : 'other_version';
    }
    case 'tool':
      return listed(names(service.tools), seen.name);
    case 'vector_store':
      return listed(
        service.vectorStores.map(({ index }) => index),
        seen.name,
      );
    case 'agent':
      return listed(names(service.agents), seen.name);
    case 'guardrail':
      return listed(names(service.guardrails), seen.name);
  }
}

const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
const listed = (known: readonly string[], name: string): Standing => (known.includes(name) ? 'declared' : 'undeclared');

/** A model that is listed without a version may answer as any snapshot of it; one with a version as that, or as the bare name. */
function modelStanding(models: Declared['models'], { provider, name }: SeenComponent): Standing {
  const ofProvider = models.filter((one) => provider === null || sameProvider(one.provider, provider));
  if (ofProvider.length === 0) return 'undeclared_provider';
  let standing: Standing = 'undeclared';
  for (const model of ofProvider) {
    if (model.version === name) return 'declared';
    const snapshot = snapshotOf(model.name, name);
    if (snapshot === null) continue;
    if (snapshot === '' || model.version === null || model.version === snapshot) return 'declared';
    standing = 'other_version';
  }
  return standing;
}

const sameProvider = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
