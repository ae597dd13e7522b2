import { type Document, dataPanelsOf, nameOf, type Target, type Variable } from '../lint/document.ts';
import { interpolate } from '../lint/interpolate.ts';
import type { DataSource, Grafana, QueryResult } from './client.ts';

const FOLDER = { uid: 'plimsoll', title: 'Plimsoll' } as const;
/** Grafana replaces them itself. */
const ITS_OWN = Object.fromEntries(
  ['__rate_interval', '__interval', '__range', 'timeFilter', 'tag_slice'].map((name) => [name, `$${name}`]),
);

export interface Asked {
  readonly dashboard: string;
  /** Panel and refId. */
  readonly what: string;
  readonly outcome: 'numbers' | 'nothing' | 'error';
  readonly error: string | null;
}

export interface BroughtIn {
  readonly dashboards: readonly string[];
  /** Data sources that are not there, or not healthy. */
  readonly warnings: readonly string[];
  readonly asked: readonly Asked[];
}

export interface BringInOptions {
  readonly documents: readonly Document[];
  readonly grafana: Grafana;
  /** Where links to the console lead; null: where they do. */
  readonly consoleUrl: string | null;
}

type Values = Record<string, string | readonly string[]>;

/** Brings dashboards into a Grafana, and asks every query of every panel through it. @throws GrafanaFailure */
export async function bringIn({ documents, grafana, consoleUrl }: BringInOptions): Promise<BroughtIn> {
  const sources = await grafana.dataSources();
  const chosen = { prometheus: chosenOf(sources, 'prometheus'), influxdb: chosenOf(sources, 'influxdb') };
  const warnings: string[] = [];
  for (const [type, source] of Object.entries(chosen)) {
    if (source === null) warnings.push(`there is no data source of type ${type}: what asks it shows nothing`);
    else {
      const fault = await grafana.unhealthy(source.uid);
      if (fault !== null) warnings.push(`${source.name} (${type}) is not healthy: ${fault}`);
    }
  }
  await grafana.folder(FOLDER.uid, FOLDER.title);
  const asked: Asked[] = [];
  for (const original of documents) {
    const document = withConsole(original, consoleUrl);
    await grafana.save(document, FOLDER.uid);
    const values = await valuesOf(document, grafana, chosen);
    for (const panel of dataPanelsOf(document))
      for (const target of panel.targets ?? []) {
        const result = await ask(target, values, grafana, chosen);
        asked.push({ dashboard: document.uid!, what: `${nameOf(panel)} ${target.refId}`, ...outcomeOf(result) });
      }
  }
  return { dashboards: documents.map(({ uid }) => uid!), warnings, asked };
}

type Chosen = Readonly<Record<'prometheus' | 'influxdb', DataSource | null>>;

/** Ours, or the default one of its type, or the first. */
const chosenOf = (sources: readonly DataSource[], type: 'prometheus' | 'influxdb'): DataSource | null => {
  const fitting = sources.filter((one) => one.type === type);
  return (
    fitting.find(({ uid }) => uid === `plimsoll-${type}`) ??
    fitting.find(({ isDefault }) => isDefault) ??
    fitting[0] ??
    null
  );
};

function withConsole(document: Document, consoleUrl: string | null): Document {
  if (consoleUrl === null) return document;
  const changed = structuredClone(document);
  for (const variable of changed.templating?.list ?? [])
    if (variable.name === 'console') variable.query = consoleUrl.replace(/\/+$/, '');
  return changed;
}

/** One value of each variable that is a choice, all of the others. */
async function valuesOf(document: Document, grafana: Grafana, chosen: Chosen): Promise<Values> {
  const values: Values = { ...ITS_OWN };
  for (const variable of document.templating?.list ?? []) {
    if (variable.type === 'constant') values[variable.name] = variable.query!;
    if (variable.type !== 'query') continue;
    const found = await foundBy(variable, values, grafana, chosen);
    values[variable.name] = variable.multi === true ? (variable.allValue ?? found) : (found[0] ?? '');
  }
  return values;
}

async function foundBy(
  variable: Variable,
  values: Values,
  grafana: Grafana,
  chosen: Chosen,
): Promise<readonly string[]> {
  const query = interpolate(variable.query!, values);
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
  if (selector !== undefined && label !== undefined)
    return chosen.prometheus === null ? [] : grafana.labelValues(chosen.prometheus.uid, label, selector);
  if (chosen.influxdb === null) return [];
  const { uid, type } = chosen.influxdb;
  const target = { refId: 'V', query, rawQuery: true, resultFormat: 'table', datasource: { uid, type } };
  const { frames = [] } = await grafana.query(target, 'now-24h');
  return frames.flatMap((frame) => (frame.data?.values ?? []).at(-1) ?? []).map(String);
}

async function ask(target: Target, values: Values, grafana: Grafana, chosen: Chosen): Promise<QueryResult> {
  const source = target.query === undefined ? chosen.prometheus : chosen.influxdb;
  if (source === null) return { frames: [] };
  const query = {
    ...target,
    ...(target.expr !== undefined && { expr: interpolate(target.expr, values) }),
    ...(target.query !== undefined && { query: interpolate(target.query, values) }),
    datasource: { uid: source.uid, type: source.type },
  };
  try {
    return await grafana.query(query, 'now-24h');
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function outcomeOf({ error, frames = [] }: QueryResult): Pick<Asked, 'outcome' | 'error'> {
  if (error !== undefined) return { outcome: 'error', error };
  const isFull = frames.some(({ data }) => (data?.values ?? []).some((column) => column.some((one) => one != null)));
  return { outcome: isFull ? 'numbers' : 'nothing', error: null };
}
