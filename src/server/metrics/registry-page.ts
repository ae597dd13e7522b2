import type { Registry } from 'prom-client';
import type { FamilyType } from './family.ts';
import { headerOf } from './format.ts';
import { labelText } from './label-values.ts';

/** What a registry of prom-client says of one sample; its types leave the name out. */
interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

/**
 * The page of a registry in OpenMetrics. Not by prom-client, which renames a counter when it does this, so that the next page in the text
 * format has another name for it.
 */
export async function openMetricsOf(registry: Registry): Promise<string> {
  let text = '';
  for (const { name, help, type, values } of await registry.getMetricsAsJSON()) {
    text += headerOf({ name, help, type: String(type) as FamilyType }, 'openmetrics');
    for (const { value, labels, metricName } of values as Sample[]) {
      const texts = Object.entries(labels)
        .filter(([, of]) => of !== undefined)
        .map(([label, of]) => `${label}="${labelText(String(of))}"`);
      text += `${metricName ?? name}${texts.length === 0 ? '' : `{${texts.join(',')}}`} ${valueText(value)}\n`;
    }
  }
  return text;
}

const valueText = (value: number): string =>
  Number.isNaN(value)
    ? 'NaN'
    : value === Number.POSITIVE_INFINITY
      ? '+Inf'
      : value === Number.NEGATIVE_INFINITY
        ? '-Inf'
        : String(value);
