import type { AlertingRule } from './rule.ts';

const OF = 'job="plimsoll"';

/** Whether the watcher watches: `deploy/prometheus/rules/plimsoll.yml` are the same, and its tests are of them. */
export const SELF_RULES: readonly AlertingRule[] = [
  {
    alert: 'PlimsollDown',
    expr: `up{${OF}} == 0 or absent(up{${OF}})`,
    for: '2m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Plimsoll does not answer.',
      description:
        'Nobody judges the services. See `docker compose logs plimsoll`; senders keep what it does not acknowledge and come again.',
    },
  },
  {
    alert: 'PlimsollTickStuck',
    expr: `time() - max by (job) (plimsoll_tick_last_success_timestamp_seconds{${OF}}) > 300`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Judging has not come to its end for five minutes.',
      description:
        'Data are taken in and kept, but no verdict moves and no incident opens. The log says why a tick failed.',
    },
  },
  {
    alert: 'PlimsollNumbersStale',
    expr: `up{${OF}} == 1\nunless on (job, instance) (time() - plimsoll_judged_through_timestamp_seconds{${OF}} < 600)\n`,
    for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The numbers of Plimsoll are more than ten minutes old, or missing.',
      description: 'What dashboards show of promises is not how things are now. See `docker compose logs plimsoll`.',
    },
  },
  {
    alert: 'PlimsollSinkFailing',
    expr: `time() - max by (job, sink) (plimsoll_outbox_oldest_timestamp_seconds{${OF}}) > 600\nor sum by (job, sink) (increase(plimsoll_sink_deliveries_total{${OF}, result="dead"}[15m])) > 0\n`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: '{{ $labels.sink }} does not hear of incidents.',
      description:
        'Messages have waited for ten minutes, or were given up. The log says what the destination answered.',
    },
  },
  {
    alert: 'PlimsollCountsWrong',
    expr: `min by (job) (plimsoll_store_verify_success{${OF}}) == 0`,
    labels: { severity: 'critical' },
    annotations: {
      summary: 'What Plimsoll has counted is not what its rows say.',
      description: 'The log says which counts; `plimsoll verify` looks at all of them.',
    },
  },
  {
    alert: 'PlimsollAuditUnsigned',
    expr: `min by (job) (plimsoll_audit_chain_valid{${OF}}) == 0\nor time() - max by (job) (plimsoll_audit_last_head_timestamp_seconds{${OF}}) > 7500\nor sum by (job, sink) (increase(plimsoll_audit_anchors_total{${OF}, result="dead"}[2h])) > 0\n`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The audit log is not signed, or its heads are not kept outside.',
      description:
        'No head for two hours means that the log is not what was signed; `plimsoll audit verify` says where. A head that was given up is lost to the one who keeps them.',
    },
  },
  {
    alert: 'PlimsollSeriesRefused',
    expr: `sum by (job, family) (increase(plimsoll_metric_series_refused_total{${OF}}[15m])) > 0`,
    labels: { severity: 'warning' },
    annotations: {
      summary: '{{ $labels.family }} has reached its limit of series.',
      description: 'What counts beyond it is folded into `__overflow__`; gauges beyond it are not published.',
    },
  },
  {
    alert: 'PlimsollHistoryBehind',
    expr: `max by (job, database) (plimsoll_history_stopped{${OF}}) == 1\nor time() - max by (job, database) (plimsoll_history_oldest_waiting_timestamp_seconds{${OF}}) > 7200\n`,
    for: '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The history in {{ $labels.database }} is not written, or hours behind.',
      description: 'Panels of what is known now show what was known then. The log says why; nothing is lost.',
    },
  },
];

/** Always fires: where nobody hears of it, nobody would hear of the others. */
export const WATCHDOG: AlertingRule = {
  alert: 'PlimsollWatchdog',
  expr: 'vector(1)',
  labels: { severity: 'none' },
  annotations: {
    summary: 'Alerts arrive.',
    description: 'Always firing: its absence means that the way of alerts is broken. Send it to a dead man’s switch.',
  },
};
