import { expect, it } from 'vitest';
import { type Breaker, CLOSED } from '../../../src/store/outbox/breaker.ts';
import { OVERDUE_MS, overduePages } from '../../../src/store/outbox/overdue.ts';
import type { OutboxRow } from '../../../src/store/outbox/row.ts';

const NOW = 10 * OVERDUE_MS;
const page = (more: Partial<OutboxRow> = {}): OutboxRow => ({
  id: '1',
  incident: 'INC-1',
  sink: 'pager',
  seq: 1,
  transition: 'opened',
  createdAt: NOW,
  waitsSince: NOW,
  attempts: 0,
  nextAttemptAt: NOW,
  uncertain: false,
  announced: false,
  ...more,
});
const overdue = (row: OutboxRow, breaker: Breaker = CLOSED, kind: 'page' | 'chat' = 'page'): boolean =>
  overduePages([row], NOW, new Map([['pager', { class: kind, breaker }]])).length > 0;
const old = { waitsSince: NOW - OVERDUE_MS };
const downSince = (since: number): Breaker => ({ state: 'open', since, probeAt: NOW, waitMs: 1 });

it.each<[string, boolean, Partial<OutboxRow>, Breaker?, ('page' | 'chat')?]>([
  ['a new one whose destination has been down for five minutes', true, {}, downSince(NOW - OVERDUE_MS)],
  ['a new one whose destination went down just now', false, {}, downSince(NOW - OVERDUE_MS + 1)],
  ['a new one whose destination wants nothing more', true, {}, { state: 'disabled', since: 0 }],
  [
    'one that was tried and has waited for five minutes, whatever the breaker has forgotten',
    true,
    { ...old, attempts: 1 },
  ],
  ['one that waits in a long queue and was never tried', false, old],
  ['one of a chat', false, { ...old, attempts: 1 }, CLOSED, 'chat'],
  ['news of an alert that is open there', false, { ...old, attempts: 1, transition: 'updated', announced: true }],
  ['news of an alert that they never heard of', true, { ...old, attempts: 1, transition: 'updated' }],
  ['an escalation', true, { ...old, attempts: 1, transition: 'escalated', announced: true }],
  ['one that a person has put back just now', false, { createdAt: 0, attempts: 1 }],
])('overdue or not: %s', (_, expected, more, breaker = CLOSED, kind = 'page') => {
  expect(overdue(page(more), breaker, kind)).toBe(expected);
});
