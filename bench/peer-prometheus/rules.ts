// Multi-window, multi-burn-rate alerting as rules of Prometheus: one recorded bad share for each window, and the two alerts.
// Written from the published parameters: Google SRE Workbook, ch. 5 "Alerting on SLOs", table 5-8 (30 days).
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
/** Long window, short window, burn rate. */
const PAGE = [
  ['1h', '5m', 14.4],
  ['6h', '30m', 6],
] as const;
const TICKET = [
  ['1d', '2h', 3],
  ['3d', '6h', 1],
] as const;

export const EVENTS = 'interactions_total';
export const FAILURES = 'interactions_failed_total';
export const RULES_EACH = WINDOWS.length + 2;

export const labelsOf = (objective: number): string =>
  `service="service-${Math.floor(objective / 4)}",objective="objective-${objective}"`;

const recorded = (window: string): string => `objective:bad_share:rate${window}`;

function alert(labels: string, tiers: typeof PAGE | typeof TICKET, budget: number): string {
  const burns = (window: string, rate: number): string => `${recorded(window)}{${labels}} > ${rate * budget}`;
  return tiers.map(([long, short, rate]) => `(${burns(long, rate)} and ${burns(short, rate)})`).join(' or ');
}

/** A group of rules for each objective: the file as Prometheus reads it (JSON is YAML). */
export function ruleFile(objectives: number, budget: number): string {
  const groups = Array.from({ length: objectives }, (_, i) => {
    const labels = labelsOf(i);
    const rules: object[] = WINDOWS.map((window) => ({
      record: recorded(window),
      expr: `sum by (service, objective) (rate(${FAILURES}{${labels}}[${window}])) / sum by (service, objective) (rate(${EVENTS}{${labels}}[${window}]))`,
    }));
    rules.push(
      { alert: 'BudgetBurnsFast', expr: alert(labels, PAGE, budget), labels: { severity: 'page' } },
      { alert: 'BudgetBurns', expr: alert(labels, TICKET, budget), labels: { severity: 'ticket' } },
    );
    return { name: `objective-${i}`, rules };
  });
  return JSON.stringify({ groups });
}
