import { labelOf } from '../model/config/fields.ts';
import type { Service } from '../model/config/service.ts';
import type { CsvRow } from '../model/csv.ts';

/** Columns of a table of services; only `name` is needed. Lists are parted by `;`. */
export const SERVICE_COLUMNS = [
  'name',
  'displayName',
  'environment',
  'serviceNames',
  'description',
  'intendedPurpose',
  'lifecycle',
  'owner',
  'ownerEmail',
  'supportGroup',
  'managedByGroup',
  'changeGroup',
  'criticality',
  'tier',
  'audience',
  'riskClass',
  'models',
  'prompts',
  'tools',
  'vectorStores',
  'agents',
  'guardrails',
  'dependsOn',
  'evidence',
  'confirmedBy',
  'confirmedAt',
] as const;
type Column = (typeof SERVICE_COLUMNS)[number];

/** What parts lists and their items; inside of a name it is written as in addresses. */
const MARKS = /[%;/@=]/g;
const escaped = (text: string): string =>
  text.replace(MARKS, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
const unescaped = (text: string): string =>
  text.trim().replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** `name@version`. */
const versioned = (name: string, version: string | null): string =>
  escaped(name) + (version === null ? '' : `@${escaped(version)}`);

/** A service as a row of the table: what the table has no column for is left out. */
export function rowOfService(service: Service): CsvRow {
  const { owner, confirmed, match } = service;
  // What no file declares has the name that telemetry has for it.
  const name = labelOf(service.name);
  const isOwnName = match.serviceNames.length === 1 && match.serviceNames[0] === name;
  const row: Record<Column, string> = {
    name,
    displayName: service.displayName ?? '',
    environment: service.environment,
    serviceNames: isOwnName ? '' : match.serviceNames.map(escaped).join('; '),
    description: service.description ?? '',
    intendedPurpose: service.intendedPurpose ?? '',
    lifecycle: service.lifecycle,
    owner: owner?.name ?? '',
    ownerEmail: owner?.email ?? '',
    supportGroup: service.supportGroup ?? '',
    managedByGroup: service.managedByGroup ?? '',
    changeGroup: service.changeGroup ?? '',
    criticality: String(service.criticality),
    tier: service.tier ?? '',
    audience: service.audience,
    riskClass: service.euAiAct.riskClass,
    models: service.models
      .map(({ provider, name, version }) => `${escaped(provider)}/${versioned(name, version)}`)
      .join('; '),
    prompts: service.prompts.map(({ id, version }) => versioned(id, version)).join('; '),
    tools: service.tools.map(({ name, sideEffects }) => `${escaped(name)}=${sideEffects}`).join('; '),
    vectorStores: service.vectorStores.map(({ index }) => escaped(index)).join('; '),
    agents: service.agents.map(({ name }) => escaped(name)).join('; '),
    guardrails: service.guardrails.map(({ name, version }) => versioned(name, version)).join('; '),
    dependsOn: service.dependsOn.map(({ name }) => escaped(name)).join('; '),
    evidence: service.evidence.join('; '),
    confirmedBy: confirmed?.by ?? '',
    confirmedAt: confirmed?.at ?? '',
  };
  return row;
}

/** The document of a row, as a file would hold it: not checked yet. Empty cells say nothing. */
export function documentOfRow(row: CsvRow): { metadata: Record<string, unknown>; spec: Record<string, unknown> } {
  const cell = (column: Column): string | undefined => row[column]?.trim() || undefined;
  const items = (column: Column): string[] => (cell(column) ?? '').split(';').filter((item) => item.trim() !== '');
  const owner = { name: cell('owner') ?? cell('ownerEmail'), email: cell('ownerEmail') };
  const criticality = cell('criticality');
  const riskClass = cell('riskClass');
  const confirmed = { by: cell('confirmedBy'), at: cell('confirmedAt') };
  const serviceNames = items('serviceNames').map(unescaped);
  const spec = {
    environment: cell('environment'),
    match: serviceNames.length === 0 ? undefined : { 'service.name': serviceNames },
    description: cell('description'),
    intendedPurpose: cell('intendedPurpose'),
    lifecycle: cell('lifecycle'),
    owner: owner.name === undefined ? undefined : present(owner),
    supportGroup: cell('supportGroup'),
    managedByGroup: cell('managedByGroup'),
    changeGroup: cell('changeGroup'),
    criticality: criticality === undefined ? undefined : Number(criticality),
    tier: cell('tier'),
    audience: cell('audience'),
    euAiAct: riskClass === undefined ? undefined : { riskClass },
    models: listOf(items('models').map(modelOf)),
    prompts: listOf(items('prompts').map((item) => named('id', item))),
    tools: listOf(items('tools').map(toolOf)),
    vectorStores: listOf(items('vectorStores').map((item) => ({ index: unescaped(item) }))),
    agents: listOf(items('agents').map((item) => ({ name: unescaped(item) }))),
    guardrails: listOf(items('guardrails').map((item) => named('name', item))),
    dependsOn: listOf(items('dependsOn').map(unescaped)),
    evidence: listOf(items('evidence').map(unescaped)),
    confirmed: confirmed.by === undefined && confirmed.at === undefined ? undefined : present(confirmed),
  };
  return { metadata: present({ name: cell('name'), displayName: cell('displayName') }), spec: present(spec) };
}

const present = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const listOf = <T>(items: readonly T[]): readonly T[] | undefined => (items.length === 0 ? undefined : items);

/** Both halves around the first mark; the second is undefined where there is none. */
function halves(item: string, mark: string): [string, string | undefined] {
  const at = item.indexOf(mark);
  return at < 0 ? [unescaped(item), undefined] : [unescaped(item.slice(0, at)), unescaped(item.slice(at + 1))];
}

function named(key: string, item: string): Record<string, unknown> {
  const [name, version] = halves(item, '@');
  return present({ [key]: name, version });
}

/** `provider/name@version`; a model without a provider keeps its error. */
function modelOf(item: string): Record<string, unknown> {
  const at = item.indexOf('/');
  return at < 0
    ? named('name', item)
    : { provider: unescaped(item.slice(0, at)), ...named('name', item.slice(at + 1)) };
}

function toolOf(item: string): Record<string, unknown> {
  const [name, sideEffects] = halves(item, '=');
  return present({ name, sideEffects });
}
