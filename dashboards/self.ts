import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { FamilyName } from '../src/server/metrics/catalogue.ts';
import { frame, row } from './lib/frame.ts';
import { clicked, console } from './lib/links.ts';
import { COLOURS, coloured, dashed, oneColour, thresholds, yesOrNo } from './lib/look.ts';
import { bars, lines, numbers, piled } from './lib/panels.ts';
import { latest, ofPlimsoll, quantile, query, rate } from './lib/queries.ts';
import { age } from './lib/verdicts.ts';

const NOT_SCRAPED = 'nothing is scraped: does Prometheus reach /metrics of Plimsoll?';
const waits = (warn: number, bad: number) =>
  thresholds([null, COLOURS.nothing], [warn, COLOURS.atRisk], [bad, COLOURS.breached]);

const up = () =>
  numbers({ title: 'Up', asks: 'Does every process of Plimsoll answer?', nothing: NOT_SCRAPED, unit: 'none' })
    .mappings(yesOrNo('up', 'down'))
    .dataLinks([console.ready()])
    .withTarget(latest('A', `min by (instance) (${ofPlimsoll('up')})`, '{{instance}}'));

const judging = () =>
  numbers({
    title: 'Since judging came to its end',
    asks: 'Is the engine alive? It comes to its end every minute.',
    nothing: 'it never has: Plimsoll is not running, or has just started',
    unit: 's',
  })
    .thresholds(waits(120, 600))
    .dataLinks([console.ready()])
    .withTarget(latest('A', `time() - max(${ofPlimsoll('plimsoll_tick_last_success_timestamp_seconds')})`, 'since'));

const leader = () =>
  numbers({
    title: 'Who judges',
    asks: 'Is there exactly one process that judges and delivers?',
    nothing: NOT_SCRAPED,
    unit: 'none',
  })
    .thresholds(thresholds([null, COLOURS.breached], [1, COLOURS.nothing], [2, COLOURS.breached]))
    .dataLinks([console.ready()])
    .withTarget(latest('A', `sum(${ofPlimsoll('plimsoll_leader')})`, 'leaders'));

const configured = () =>
  numbers({
    title: 'Configuration',
    asks: 'Is the configuration in force what its files say?',
    nothing: NOT_SCRAPED,
    unit: 'none',
  })
    .span(4)
    .mappings(yesOrNo('as its files', 'refused'))
    .dataLinks([console.fleet()])
    .withTarget(
      latest('A', `min by (instance) (${ofPlimsoll('plimsoll_config_last_reload_successful')})`, '{{instance}}'),
    );

const signals = () =>
  piled(
    {
      title: 'Signals by result',
      asks: 'What comes in, and what becomes of it?',
      nothing: 'nothing has come in',
      unit: 'cps',
    },
    { stored: COLOURS.line, duplicate: COLOURS.nothing, too_late: COLOURS.atRisk, rejected: COLOURS.breached },
  )
    .span(8)
    .dataLinks([console.metrics()])
    .withTarget(query('A', `sum by (result) (${rate(ofPlimsoll('plimsoll_ingest_signals_total'))})`, '{{result}}'));

const lost = () =>
  lines({
    title: 'Duplicate, too late, rejected',
    asks: 'What share of the signals counts for nothing?',
    nothing: 'nothing has come in',
    unit: 'percentunit',
  })
    .span(8)
    .min(0)
    .axisSoftMax(0.05)
    .dataLinks([console.metrics()])
    .withTarget(
      query(
        'A',
        `sum by (result) (${rate(ofPlimsoll('plimsoll_ingest_signals_total', 'result!="stored"'))}) / on () group_left () sum(${rate(ofPlimsoll('plimsoll_ingest_signals_total'))})`,
        '{{result}}',
      ),
    )
    .overrideByName('rejected', coloured(COLOURS.breached))
    .overrideByName('too_late', coloured(COLOURS.atRisk));

const late = () =>
  lines({
    title: 'Lateness',
    asks: 'How long after an interaction ended do we know of it, and of what was said of it, in nine cases of ten?',
    nothing: 'nothing has come in',
    unit: 'dtdurations',
  })
    .span(12)
    .min(0)
    .dataLinks([console.metrics()])
    .withTarget(query('A', quantile(0.9, ofPlimsoll('plimsoll_ingest_lag_seconds_bucket'), 'signal'), '{{signal}}'))
    .overrideByName('feedback', coloured(COLOURS.otherLine))
    .overrideByName('label', dashed(COLOURS.line))
    .overrideByName('evaluation', dashed(COLOURS.otherLine))
    .overrideByName('ranking', dashed(COLOURS.nothing));

const corrections = () =>
  piled(
    {
      title: 'Corrections',
      asks: 'How much that was counted is counted otherwise afterwards, so that numbers of the past change?',
      nothing: NOT_SCRAPED,
      unit: 'cps',
    },
    {
      interaction: COLOURS.line,
      feedback: COLOURS.otherLine,
      label: COLOURS.nothing,
    },
  )
    .span(12)
    .dataLinks([console.metrics()])
    .withTarget(query('A', `sum by (signal) (${rate(ofPlimsoll('plimsoll_ingest_corrections_total'))})`, '{{signal}}'));

const refused = () =>
  piled(
    {
      title: 'Requests not taken',
      asks: 'Whom do we turn away, and with what status?',
      nothing: 'every request was taken',
      unit: 'cps',
    },
    {},
  )
    .span(8)
    .colorScheme(oneColour(COLOURS.breached))
    .dataLinks([console.metrics()])
    .withTarget(
      query(
        'A',
        `sum by (source, code) (${rate(ofPlimsoll('plimsoll_ingest_requests_total', 'code!~"2.."'))})`,
        '{{source}} {{code}}',
      ),
    );

const queue = () =>
  lines({
    title: 'Queue filling',
    asks: 'How full is what waits for the store? When it is full, senders are told to come again.',
    nothing: NOT_SCRAPED,
    unit: 'percentunit',
  })
    .span(8)
    .min(0)
    .max(1)
    .thresholds(waits(0.5, 0.9))
    .dataLinks([console.metrics()])
    .withTarget(
      query(
        'A',
        `max by (instance) (${ofPlimsoll('plimsoll_ingest_queue_bytes')} / ${ofPlimsoll('plimsoll_ingest_queue_capacity_bytes')})`,
        '{{instance}}',
      ),
    );

const p99 = (name: FamilyName, title: string, asks: string) =>
  lines({ title, asks, nothing: 'nothing of it happened in the time shown', unit: 's' })
    .span(8)
    .min(0)
    .dataLinks([console.metrics()])
    .withTarget(query('A', quantile(0.99, ofPlimsoll(`${name}_bucket`)), 'p99'))
    .withTarget(query('B', quantile(0.5, ofPlimsoll(`${name}_bucket`)), 'p50'))
    .overrideByName('p50', coloured(COLOURS.otherLine));

const unjoined = () =>
  lines({
    title: 'Ratings without an interaction',
    asks: 'How much of what people and evaluators said can not be counted, because nobody knows what it is about?',
    nothing: NOT_SCRAPED,
    unit: 'short',
  })
    .span(8)
    .min(0)
    .dataLinks([console.metrics()])
    .withTarget(query('A', `max by (state) (${ofPlimsoll('plimsoll_ratings_unjoined')})`, '{{state}}'))
    .overrideByName('unmatched', coloured(COLOURS.breached));

const outbox = () =>
  lines({
    title: 'Oldest message that waits',
    asks: 'Whom can we not reach, and since when?',
    nothing: 'no sink is configured: nobody is told of incidents',
    unit: 's',
  })
    .span(8)
    .min(0)
    .thresholds(waits(300, 900))
    .dataLinks([console.outbox()])
    .withTarget(
      query('A', `time() - max by (sink) (${ofPlimsoll('plimsoll_outbox_oldest_timestamp_seconds')})`, '{{sink}}'),
    );

const failing = () =>
  piled(
    {
      title: 'Deliveries that fail',
      asks: 'Which attempts to tell somebody come to nothing?',
      nothing: 'no sink is configured: nobody is told of incidents',
      unit: 'cps',
    },
    {},
  )
    .span(8)
    .dataLinks([console.destinations()])
    .withTarget(
      query(
        'A',
        `sum by (sink, result) (${rate(ofPlimsoll('plimsoll_sink_deliveries_total', 'result!="ok"'))})`,
        '{{sink}} {{result}}',
      ),
    )
    .overrideByRegexp('/ dead$/', coloured(COLOURS.breached));

const deadLetters = () =>
  numbers({
    title: 'Given up',
    asks: 'How many messages were given up, and wait for somebody to replay or discard them?',
    nothing: 'no sink is configured: nobody is told of incidents',
    unit: 'none',
  })
    .span(8)
    .height(8)
    .thresholds(thresholds([null, COLOURS.nothing], [1, COLOURS.breached]))
    .dataLinks([console.outbox()])
    .withTarget(latest('A', `max by (sink) (${ofPlimsoll('plimsoll_outbox_dead_letters')})`, '{{sink}}'));

const chain = () =>
  numbers({
    title: 'Audit log',
    asks: 'Was the audit log what was signed, when it was last looked at? That is every hour.',
    nothing: 'nobody has looked yet: Plimsoll has just started',
    unit: 'none',
  })
    .span(5)
    .mappings(yesOrNo('as signed', 'broken'))
    .dataLinks([console.audit()])
    .withTarget(latest('A', `min(${ofPlimsoll('plimsoll_audit_chain_valid')})`, 'audit log'));

const counted = () =>
  numbers({
    title: 'Counts and their rows',
    asks: 'Is what was counted what the interactions say? Some of each hour is counted again in the next one.',
    nothing: 'nobody has looked yet: that takes an hour with traffic',
    unit: 'none',
  })
    .span(5)
    .mappings(yesOrNo('equal', 'not equal'))
    .dataLinks([console.ready()])
    .withTarget(latest('A', `min(${ofPlimsoll('plimsoll_store_verify_success')})`, 'counts'));

const head = () =>
  numbers({
    title: 'Since the audit log was signed',
    asks: 'Is the audit log what was signed? It is signed every hour.',
    nothing: 'it was never signed: Plimsoll has just started, or the log is not as it was',
    unit: 's',
  })
    .span(5)
    .thresholds(thresholds([null, COLOURS.nothing], [4500, COLOURS.atRisk], [7500, COLOURS.breached]))
    .dataLinks([console.audit()])
    .withTarget(latest('A', `time() - max(${ofPlimsoll('plimsoll_audit_last_head_timestamp_seconds')})`, 'since'));

const history = () =>
  numbers({
    title: 'History behind',
    asks: 'How far is the event-time history behind the store?',
    nothing: 'no history is written: spec.history names no InfluxDB',
    unit: 's',
  })
    .span(5)
    .thresholds(thresholds([null, COLOURS.nothing], [1800, COLOURS.atRisk], [7200, COLOURS.breached]))
    .dataLinks([console.history()])
    .withTarget(
      latest('A', `time() - max(${ofPlimsoll('plimsoll_history_oldest_waiting_timestamp_seconds')})`, 'behind'),
    );

const historyWay = () =>
  numbers({
    title: 'History written',
    asks: 'Can the history be written at all?',
    nothing: 'no history is written: spec.history names no InfluxDB',
    unit: 'none',
  })
    .span(4)
    .mappings(yesOrNo('written', 'stopped'))
    .dataLinks([console.history()])
    .withTarget(latest('A', `1 - max(${ofPlimsoll('plimsoll_history_stopped')})`, 'history'));

/** Families with fewer series at most have them all, and never more: of each state one. */
const GROWS_FROM = 200;

const headRoom = () =>
  bars({
    title: 'Room for series',
    asks: 'Which family of metrics is closest to its limit? Beyond it series are folded together or left out.',
    nothing: NOT_SCRAPED,
    unit: 'percentunit',
  })
    .span(12)
    .height(10)
    .min(0)
    .max(1)
    .thresholds(thresholds([null, COLOURS.line], [0.7, COLOURS.atRisk], [0.9, COLOURS.breached]))
    .dataLinks([console.metrics()])
    .withTarget(
      latest(
        'A',
        `topk(10, max by (family) (${ofPlimsoll('plimsoll_metric_series')} / (${ofPlimsoll('plimsoll_metric_series_limit')} >= ${GROWS_FROM})))`,
        '{{family}}',
      ),
    );

const scrape = () =>
  lines({
    title: 'Cost of a scrape',
    asks: 'How long does it take to read the numbers?',
    nothing: NOT_SCRAPED,
    unit: 's',
  })
    .span(12)
    .height(10)
    .min(0)
    .dataLinks([console.metrics()])
    .withTarget(query('A', `max(${ofPlimsoll('scrape_duration_seconds')})`, 'scrape'))
    .withTarget(
      query('B', quantile(0.99, ofPlimsoll('plimsoll_exposition_render_duration_seconds_bucket')), 'rendering, p99'),
    )
    .overrideByName('rendering, p99', coloured(COLOURS.otherLine));

const size = () =>
  lines({
    title: 'Size of the store',
    asks: 'How fast does the store grow?',
    nothing: 'the store is a PostgreSQL: look there',
    unit: 'bytes',
  })
    .span(8)
    .min(0)
    .dataLinks([console.metrics()])
    .withTarget(query('A', `max by (part) (${ofPlimsoll('plimsoll_store_size_bytes')})`, '{{part}}'))
    .overrideByName('log', coloured(COLOURS.otherLine));

/** Who watches the watcher. */
export const self = (): DashboardBuilder =>
  frame({ uid: 'plimsoll-self', title: 'Plimsoll itself', asks: 'Can the watcher be trusted?', of: 'all' })
    .withRow(row('Is it alive?'))
    .withPanel(up().span(5))
    .withPanel(judging().span(5))
    .withPanel(leader().span(5))
    .withPanel(configured().span(5))
    .withPanel(age().dataLinks([clicked.incidents()]))
    .withRow(row('What comes in'))
    .withPanel(signals())
    .withPanel(lost())
    .withPanel(refused())
    .withRow(
      row('How late it comes, and what that corrects').collapsed(true).withPanel(late()).withPanel(corrections()),
    )
    .withRow(row('Whom it tells'))
    .withPanel(outbox())
    .withPanel(failing())
    .withPanel(deadLetters())
    .withRow(
      row('Its store and its clockwork')
        .collapsed(true)
        .withPanel(queue())
        .withPanel(
          p99('plimsoll_store_commit_duration_seconds', 'Transactions', 'How long until what came in is durable?'),
        )
        .withPanel(p99('plimsoll_tick_duration_seconds', 'Judging', 'How long does judging take?'))
        .withPanel(
          p99('plimsoll_sink_delivery_duration_seconds', 'Deliveries', 'How long do destinations take to answer?'),
        )
        .withPanel(unjoined())
        .withPanel(size()),
    )
    .withRow(
      row('What it writes down')
        .collapsed(true)
        .withPanel(counted())
        .withPanel(chain())
        .withPanel(head())
        .withPanel(history())
        .withPanel(historyWay()),
    )
    .withRow(row('Its own numbers').collapsed(true).withPanel(headRoom()).withPanel(scrape()));
