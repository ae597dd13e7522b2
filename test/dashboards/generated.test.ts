import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { generated } from '../../dashboards/index.ts';
import { type Document, dataPanelsOf } from '../../dashboards/lint/document.ts';
import { FAMILIES } from '../../src/server/metrics/catalogue.ts';
import { SELF_RULES } from '../../src/server/rules/self-rules.ts';

const folder = resolve(import.meta.dirname, '../../dashboards/generated');

it('what is committed is what `npm run dashboards` writes, byte for byte', () => {
  expect(readdirSync(folder).sort()).toEqual(
    generated()
      .map(({ file }) => file)
      .sort(),
  );
  for (const { file, text } of generated()) expect(readFileSync(join(folder, file), 'utf8')).toBe(text);
});

it('the README names every dashboard, and makes the secrets as the compose file says', () => {
  const root = resolve(folder, '../..');
  const readme = readFileSync(join(root, 'dashboards/README.md'), 'utf8');
  for (const { text } of generated()) expect(readme).toContain(`\`${JSON.parse(text).uid}\``);
  const line = /^# {3}(mkdir .*)$/m.exec(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))![1]!;
  expect(readme).toContain(line);
});

/** On no panel and in no rule: for people's own questions. */
const FOR_PEOPLE = [
  'plimsoll_time_per_output_token_seconds',
  'plimsoll_call_duration_seconds',
  'plimsoll_measure_events_total',
  'plimsoll_changes_total',
  'plimsoll_drift_psi',
  'plimsoll_measure_represented_events',
  'plimsoll_measure_effective_events',
  'plimsoll_dependency_window_calls',
  'plimsoll_dependency_failed_ratio',
  'plimsoll_first_token_quantile_seconds',
  'plimsoll_first_token_quantile_ci_lower_seconds',
  'plimsoll_first_token_quantile_ci_upper_seconds',
  'plimsoll_call_coverage_ratio',
  'plimsoll_configuration_info',
  'plimsoll_config_last_reload_success_timestamp_seconds',
  'plimsoll_ratings_joined_total',
  'plimsoll_ingest_bytes_total',
  'plimsoll_limit_hits_total',
  'plimsoll_store_last_verified_timestamp_seconds',
  'plimsoll_hook_requests_total',
  'plimsoll_inbox_events_total',
  'plimsoll_sink_polls_total',
  'plimsoll_outbox_messages',
  'plimsoll_history_points_total',
  'plimsoll_history_waiting',
  'plimsoll_history_last_write_timestamp_seconds',
  'plimsoll_sink_way',
  'plimsoll_sink_last_success_timestamp_seconds',
  'plimsoll_audit_entries',
  'plimsoll_audit_signed_entries',
  'plimsoll_audit_last_verified_timestamp_seconds',
  'plimsoll_audit_anchors_waiting',
];

it('every family is on a panel, in a variable or a rule, or for people to ask themselves', () => {
  const asked = new Set(
    [
      ...generated().flatMap(({ text }) => {
        const document = JSON.parse(text) as Document;
        return dataPanelsOf(document)
          .flatMap(({ targets }) => targets!.map(({ expr }) => expr ?? ''))
          .concat(document.annotations!.list.map(({ expr }) => expr ?? ''))
          .concat(document.templating!.list.map(({ query }) => query ?? ''));
      }),
      ...SELF_RULES.map(({ expr }) => expr),
    ].flatMap((expr) => [...expr.matchAll(/\bplimsoll_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))),
  );
  const unasked = FAMILIES.map(({ name }) => name).filter((name) => !asked.has(name));
  expect(unasked).toEqual(FOR_PEOPLE);
});
