import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CATEGORY_RULES } from '../../src/incidents/category-rules.ts';
import { legalMoves } from '../../src/incidents/lifecycle.ts';
import { priorityOf } from '../../src/incidents/priority.ts';
import { INCIDENT_STATES, TRANSITIONS } from '../../src/model/incident.ts';
import { burnTiers } from '../../src/objectives/burn-rate.ts';
import { alarmThreshold } from '../../src/objectives/e-detector.ts';
import { VERDICTS } from '../../src/objectives/reading.ts';
import { labelsOf } from '../../src/sinks/alertmanager/alerts.ts';
import { eventBody } from '../../src/sinks/webhook/event.ts';
import { keysOf, signedHeaders } from '../../src/sinks/webhook/signature.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';

/** docs/guide/incidents.md against the code it describes. */
const page = readFileSync(resolve(import.meta.dirname, '../../docs/guide/incidents.md'), 'utf8');
const block = (language: string): string => new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)![1]!;
/** Cells of the rows of the table whose heading begins so. */
function table(heading: string): string[][] {
  const lines = page.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  expect(first).toBeGreaterThan(0);
  const rows = lines.slice(first + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the verdicts', () => {
  expect(
    table('verdict')
      .map(([name]) => name!)
      .toSorted(),
  ).toEqual(VERDICTS.toSorted());
});

it('the legal moves of every state', () => {
  expect(Object.fromEntries(table('state').map(([state, moves]) => [state, moves!.split(', ')]))).toEqual(
    Object.fromEntries(INCIDENT_STATES.map((state) => [state, [...legalMoves(state)]])),
  );
});

it('the priorities', () => {
  const rows = table('impact').map(([impact, ...cells]) => [impact, cells]);
  expect(rows).toEqual(
    ([1, 2, 3] as const).map((impact) => [
      String(impact),
      ([1, 2, 3] as const).map((urgency) => `P${priorityOf(impact, urgency)}`),
    ]),
  );
});

it('the rules of the categories', () => {
  expect(table('of ')).toEqual(
    CATEGORY_RULES.map(({ measures, when, category }) => [
      measures.map((measure) => measure.replaceAll('_', ' ')).join(', '),
      when.replaceAll('`', ''),
      category,
    ]),
  );
});

it('the tiers of the burn-rate rules', () => {
  expect(table('tier').map(([, long, short, , burn, severity]) => [long, short, Number(burn), severity])).toEqual(
    burnTiers(30).map((tier) => [
      `${tier.longMinutes} min`,
      `${tier.shortMinutes} min`,
      Number(tier.threshold.toPrecision(6)),
      `a ${tier.severity}`,
    ]),
  );
});

it('the threshold of the sequential test', () => {
  expect(page).toContain('A = 43,200 / (F · w)');
  expect(alarmThreshold(1, 1)).toBe(43_200);
  expect(alarmThreshold(2, 0.25)).toBe(43_200 / (2 * 0.25));
});

it('the event that a webhook receives', () => {
  const body = eventBody(messageOf(), { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' });
  expect(JSON.parse(body)).toMatchObject(JSON.parse(block('json')));
  for (const transition of TRANSITIONS) expect(page).toContain(`\`${transition}\``);
});

it('the code that verifies a signature takes what the sink sends, and nothing else', async () => {
  const file = join(folder, 'verify.mjs');
  writeFileSync(file, block('js'));
  const { verify } = (await import(file)) as {
    verify: (headers: Record<string, string>, body: string, secret: string, now?: number) => boolean;
  };
  const secret = `whsec_${Buffer.from('a key of thirty-two bytes, or so').toString('base64')}`;
  const other = `whsec_${Buffer.from('another key of the same length..').toString('base64')}`;
  const now = Date.parse('2026-11-01T10:17:30Z');
  const headers = signedHeaders(keysOf(`${other}\n${secret}`), 'plimsoll-eu1-INC-42-1', now, '{"a":1}');
  expect(verify(headers, '{"a":1}', secret, now)).toBe(true);
  expect(verify(headers, '{"a":2}', secret, now)).toBe(false);
  expect(verify(headers, '{"a":1}', `${secret.slice(0, -8)}AAAAAAA=`, now)).toBe(false);
  expect(verify(headers, '{"a":1}', secret, now + 301_000)).toBe(false);
});

it('the labels that Alertmanager receives', () => {
  expect(table('label').map(([name]) => name)).toEqual(Object.keys(labelsOf(incidentWith())));
});
