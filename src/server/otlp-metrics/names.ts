import type { Family } from '../metrics/family.ts';

/** How a family is named in OpenTelemetry. */
export interface OtlpName {
  readonly name: string;
  /** UCUM; '' where it counts something. */
  readonly unit: string;
}

const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_seconds', 's'],
  ['_bytes', 'By'],
  ['_ratio', '1'],
];

/**
 * `plimsoll_measure_ci_lower_ratio` is `plimsoll.measure_ci_lower` of unit 1: what translates OpenTelemetry for Prometheus gives a family
 * its name back.
 * @see OpenTelemetry, "Prometheus and OpenMetrics Compatibility"
 */
export function otlpNameOf({ name, type }: Pick<Family, 'name' | 'type'>): OtlpName {
  const counted = type === 'counter' ? name.replace(/_total$/, '') : name;
  const [suffix, unit] = UNITS.find(([end]) => counted.endsWith(end)) ?? ['', ''];
  return { name: counted.slice(0, counted.length - suffix.length).replace('plimsoll_', 'plimsoll.'), unit };
}
