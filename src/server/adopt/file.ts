import { Document, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { ProposedObjective } from '../../catalog/proposed-objectives.ts';
import type { SeenComponent } from '../../catalog/seen-component.ts';
import { API_VERSION } from '../../model/config/document.ts';
import { labelOf, toLabel } from '../../model/config/fields.ts';
import { plainText } from '../../model/plain-text.ts';
import { splitSnapshot } from '../../model/snapshot.ts';
import type { AdoptedService } from './history.ts';

/** A proposed objective with the name that it gets in the file, and what it can detect, as lines. */
export interface NamedProposal extends ProposedObjective {
  readonly name: string;
  readonly detects: readonly string[];
}

const LABEL_MAX = 63;
/** Of a text that may be as long as somebody likes. */
const TEXT_MAX = 256;

export const objectiveName = (service: string, environment: string, suffix: string): string =>
  toLabel([service, environment, suffix].filter((part) => part !== '').join('-')).slice(0, LABEL_MAX);

/** The document of the service, as its telemetry is: what only people know stands there as a comment. */
export function serviceDocument({ service, components, slices, unjudged }: AdoptedService): Document {
  const { name, environment } = service;
  const of = (kind: SeenComponent['kind']): SeenComponent[] => components.filter((one) => one.kind === kind);
  const names = (kind: SeenComponent['kind']): string[] => [...new Set(of(kind).map((one) => cut(one.name)))].sort();
  const providers = [...new Set(of('model').flatMap(({ provider }) => provider ?? []))].sort();
  const spec = {
    ...(environment !== '' && { environment: cut(environment) }),
    ...(labelOf(name) !== name && { match: { 'service.name': cut(name) } }),
    ...listed('models', modelsOf(of('model'))),
    ...listed('prompts', promptsOf(names('prompt'), names('prompt_version'), labelOf(name))),
    ...listed(
      'tools',
      names('tool').map((one) => ({ name: one })),
    ),
    ...listed(
      'vectorStores',
      names('vector_store').map((index) => ({ index })),
    ),
    ...listed(
      'agents',
      names('agent').map((one) => ({ name: one })),
    ),
    ...listed(
      'guardrails',
      names('guardrail').map((one) => ({ name: one })),
    ),
    ...listed('dependsOn', providers.map(cut)),
    slices: [...slices.keys()],
  };
  const document = new Document({ apiVersion: API_VERSION, kind: 'Service', metadata: { name: labelOf(name) }, spec });
  const map = document.get('spec') as YAMLMap;
  map.commentBefore = [
    ' owner: {name: …, email: …}   who answers for it; without one it has the finding missing_owner',
    ' criticality: 3               from 1 (most critical) to 4',
    ...unjudged.map(
      (one) =>
        ` evaluations: {${plainText(one, 60)}: {scale: [0, 1], pass: 0.7}}   its scores are stored and not judged`,
    ),
  ].join('\n');
  comment(map, 'tools', ' what they do is not seen: sideEffects: none, read, write or irreversible');
  const list = map.get('slices');
  if (isSeq(list))
    for (const item of list.items) if (isScalar(item)) item.comment = seenText(slices.get(String(item.value)));
  return document;
}

export function objectiveDocument(
  { name, measure, target, because, detects }: NamedProposal,
  service: string,
  environment: string,
): Document {
  const document = new Document({
    apiVersion: API_VERSION,
    kind: 'Objective',
    metadata: { name },
    spec: { service, ...(environment !== '' && { environment: cut(environment) }), measure, target },
  });
  document.commentBefore = [
    ` ${plainText(because, TEXT_MAX)}: at most half of the budget of this target was spent.`,
    ...detects.map((line) => ` ${line}`),
  ].join('\n');
  return document;
}

const listed = (key: string, items: readonly unknown[]): Record<string, unknown> =>
  items.length === 0 ? {} : { [key]: items };

const cut = (text: string): string => text.slice(0, TEXT_MAX);

/** Each once; a snapshot is a version of its model. */
function modelsOf(seen: readonly SeenComponent[]): unknown[] {
  const models = seen.map(({ provider, name }) => {
    const { model, version } = splitSnapshot(cut(name));
    return { provider: cut(provider ?? 'unknown'), name: model, ...(version !== null && { version }) };
  });
  return [...new Map(models.map((one) => [JSON.stringify(one), one])).values()].sort((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
  );
}

/** Telemetry names prompts and versions apart: which version is of which prompt is said only where there is one prompt. */
function promptsOf(ids: readonly string[], versions: readonly string[], service: string): unknown[] {
  const id = ids.length === 1 ? ids[0]! : service;
  const others = ids.length === 1 && versions.length > 0 ? [] : ids;
  return [...others.map((one) => ({ id: one })), ...versions.map((version) => ({ id, version }))];
}

function comment(map: YAMLMap, key: string, text: string): void {
  const pair = map.items.find((one): one is Pair => isScalar(one.key) && one.key.value === key);
  if (pair !== undefined && isScalar(pair.key)) pair.key.commentBefore = text;
}

function seenText(values: { count: number; examples: readonly string[] } | undefined): string {
  if (values === undefined || values.count === 0) return ' nothing seen';
  const shown = values.examples.map((one) => plainText(one, 40)).join(', ');
  return ` ${values.count} seen: ${shown}${values.count > values.examples.length ? ', …' : ''}`;
}
