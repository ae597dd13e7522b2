// Writes docs/guide/metrics.md from the catalogue of metrics; a test compares the two.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FAMILIES } from '../src/server/metrics/catalogue.ts';
import type { Family, FamilyKind } from '../src/server/metrics/family.ts';

export const METRICS_GUIDE = resolve(import.meta.dirname, '../docs/guide/metrics.md');

const HEAD = `# Metrics

\`GET /metrics\` on the API's port (8080), text format 0.0.4, or OpenMetrics 1.0 for who asks for it as Prometheus does. This page is written by \`npm run metrics\` from
\`src/server/metrics/catalogue.ts\`.

- A verdict is a set of four series, one of them 1: numbers for verdicts exist only inside of panels. All four are there as
  long as the objective is judged, so their absence means that Plimsoll is down.
- An estimate stands between its \`_ci_lower_\` and \`_ci_upper_\`, with its \`_window_events\` and coverage beside it. Where there is no
  estimate there is no series; no value is ever NaN.
- \`measure\` is \`availability\`, \`latency:4s\`, \`accuracy:groundedness\` and the like, and says how where that is not the usual way
  (\`accuracy:correct:voluntary\`, \`accuracy:groundedness:>= 0.5\`, \`composite:\` and its name); \`window\` the objective's own, or \`1h\`.
- \`environment\` is empty for a service whose file names none. \`model\` is one that the service file declares, else \`other\`; where it
  declares none, the name that was asked for.
- Nothing here is a user, a prompt or an address. In OpenMetrics alone, counts of interactions that failed or were bad, and the buckets of
  durations and first tokens, have an exemplar: \`trace_id\` of the newest that failed, was bad, or was the slowest of those that came with it.
- A family has at most so many series. Counters that are still at 0 give way to those that move. What counts beyond that is folded into one series whose labels are \`__overflow__\`; gauges
  beyond it are left out. \`plimsoll_metric_series_refused_total\` says so.
- Names that begin with \`process_\` or \`nodejs_\` are Node's own; \`target_info\` is the process that is scraped, as OpenTelemetry names it.
`;

const KINDS: Readonly<Record<FamilyKind, string>> = {
  live: `## What comes in

Counters and histograms of this process since it started; they move when something arrives. \`sum by (...) (rate(...))\`. Promises are never
judged by them.`,
  computed: `## What is known of the services

Gauges, said anew after each tick, as known now: late feedback changes the next value. The same on every replica:
\`max by (...)\` first, never \`rate()\`, never the mean of shares.`,
  self: `## Plimsoll itself`,
};

const HEADS = ['metric', 'type', 'labels', 'meaning', 'series at most'];

const cellsOf = ({ name, type, labels, help, cap }: Family): string[] => [
  `\`${name}\``,
  type,
  labels.map((label) => `\`${label}\``).join(', ') || 'none',
  help.replaceAll(/\b(?:plimsoll_\w+|__\w+__)/g, '`$&`'),
  String(cap),
];

/** In columns, as the formatter wants them. */
function table(rows: readonly string[][]): string {
  const widths = HEADS.map((head, i) =>
    Math.max(...[head, ...rows.map((cells) => cells[i]!)].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(HEADS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const section = (kind: FamilyKind): string =>
  `${KINDS[kind]}\n\n${table(FAMILIES.filter((family) => family.kind === kind).map(cellsOf))}\n`;

export const metricsGuide = (): string => [HEAD, ...(['live', 'computed', 'self'] as const).map(section)].join('\n');

if (import.meta.main) {
  mkdirSync(dirname(METRICS_GUIDE), { recursive: true });
  writeFileSync(METRICS_GUIDE, metricsGuide());
}
