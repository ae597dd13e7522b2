import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { MEASUREMENTS } from '../../src/sinks/influx/schema.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of Grafana
export const INFLUXDB = { type: 'influxdb', uid: '${influxdb_datasource}' } as const;
const OF_SERVICE = '"service" =~ /^${service:regex}$/ AND "environment" =~ /^${environment:regex}$/';
export const OF_MEASURE = '"measure" =~ /^${measure:regex}$/';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of Grafana

type Measurement = keyof typeof MEASUREMENTS;

/** A query in InfluxQL: the SDK has none. */
export class InfluxQl implements Builder<Dataquery> {
  readonly #query: Record<string, unknown>;

  constructor(refId: string, query: string) {
    this.#query = {
      refId,
      query,
      rawQuery: true,
      resultFormat: 'time_series',
      policy: 'default',
      datasource: INFLUXDB,
    };
  }

  /** The name that its series is shown with; `$tag_slice` is the value of a tag. */
  alias(alias: string): this {
    this.#query['alias'] = alias;
    return this;
  }

  /** Rows as they are, not series over time. */
  table(): this {
    this.#query['resultFormat'] = 'table';
    return this;
  }

  /** Makes annotations of its rows. @param until  the column that says when each ends, ms */
  annotates(text: string, tags: string, until: string): this {
    Object.assign(this.#query, {
      fromAnnotations: true,
      textEditor: true,
      textColumn: text,
      tagsColumn: tags,
      timeEndColumn: until,
    });
    return this.table();
  }

  build(): Dataquery {
    return { ...this.#query, _implementsDataqueryVariant() {} } as unknown as Dataquery;
  }
}

export interface Choice {
  readonly select: string;
  readonly from: Measurement;
  /** Beside the time. */
  readonly where: readonly string[];
  /** Tags, and `time(...)`. */
  readonly groupBy?: readonly string[];
}

/** As text: always of the time that is shown, gaps as gaps. */
export function influxQl({ select, from, where, groupBy = [] }: Choice): string {
  const isOverTime = groupBy.some((one) => one.startsWith('time('));
  return [
    `SELECT ${select} FROM "${from}" WHERE ${[...where, '$timeFilter'].join(' AND ')}`,
    ...(groupBy.length > 0 ? [`GROUP BY ${groupBy.join(', ')}`] : []),
    ...(isOverTime ? ['fill(null)'] : []),
  ].join(' ');
}

/** Of the service that is looked at. */
export const ofServiceHistory = (choice: Omit<Choice, 'where'> & { readonly where?: readonly string[] }): string =>
  influxQl({ ...choice, where: [OF_SERVICE, ...(choice.where ?? [])] });

/**
 * Of the minutes' counts of one measure: of everything, or of the values of one dimension, never of both, which would count twice.
 * @param slice  a dimension; null for all
 */
export const ofTally = (
  select: string,
  slice: string | null,
  groupBy: readonly string[] = [],
  measure: string = OF_MEASURE,
): string =>
  ofServiceHistory({
    select,
    from: 'tally',
    where: [measure, slice === null ? `"slice" = 'all'` : `"slice" =~ /^${slice}=/`],
    groupBy,
  });
