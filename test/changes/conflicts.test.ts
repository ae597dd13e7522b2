import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConflictFacts, conflictsOf, spanOf } from '../../src/changes/conflicts.ts';
import type { ChangeRecord } from '../../src/model/change.ts';
import { HOUR_MS } from '../../src/model/time.ts';
import { change } from './records.ts';

const facts = (more: Partial<ConflictFacts> = {}): ConflictFacts => ({
  now: 0,
  others: [],
  upstream: new Set(['search']),
  downstream: new Set(['portal']),
  freezeEnd: () => null,
  maintenanceEnd: () => null,
  hasMaintenance: false,
  ...more,
});
const planned = (from: number, to: number, more: Partial<ChangeRecord> = {}): ChangeRecord =>
  change({ plannedStart: from, plannedEnd: to, ...more });
const kinds = (one: ChangeRecord, more: Partial<ConflictFacts>): string[] =>
  conflictsOf(one, facts(more)).map(({ kind }) => kind);
const other = (service: string, from: number, to: number, more: Partial<ChangeRecord> = {}): ChangeRecord =>
  planned(from, to, { id: `of-${service}`, service, state: 'scheduled', ...more });

describe('what speaks against the time of a change', () => {
  it('is another one of the same service, of what it stands on and of what stands on it, at the same time', () => {
    const others = [other('bot', 50, 90), other('search', 0, 20), other('portal', 90, 200), other('else', 0, 200)];
    expect(kinds(planned(10, 100), { others })).toEqual(['same_service', 'upstream', 'downstream']);
    expect(kinds(planned(200, 300), { others })).toEqual([]);
    expect(kinds(planned(10, 100, { id: 'of-bot' }), { others: [others[0]!] })).toEqual([]);
  });

  it('is said in times as people read them', () => {
    const day = Date.parse('2026-11-20T00:00:00Z');
    const others = [other('search', day + 10 * HOUR_MS, day + 11 * HOUR_MS + 30_000)];
    const freezeEnd = (at: number) => (at >= day + 11 * HOUR_MS ? day + 24 * HOUR_MS : null);
    const found = conflictsOf(planned(day + 10 * HOUR_MS, day + 12 * HOUR_MS), facts({ others, freezeEnd }));
    expect(found.map(({ text }) => text)).toEqual([
      'what it depends on, search changes from 2026-11-20 10:00 UTC to 2026-11-20 11:00:30 UTC: of-search',
      'nothing changes from 2026-11-20 11:00 UTC until 2026-11-21 00:00 UTC',
    ]);
  });

  it('is none in another environment', () => {
    const elsewhere = [other('bot', 0, 100, { environment: 'staging' })];
    expect(kinds(planned(0, 100, { environment: 'production' }), { others: elsewhere })).toEqual([]);
    expect(kinds(planned(0, 100), { others: elsewhere })).toEqual(['same_service']);
  });

  it('is a freeze within it, and a time outside of the windows in which the service is worked on; an emergency has neither', () => {
    const freezeEnd = (at: number) => (at >= HOUR_MS && at < 2 * HOUR_MS ? 2 * HOUR_MS : null);
    expect(kinds(planned(0, HOUR_MS), { freezeEnd })).toEqual([]);
    expect(kinds(planned(0, HOUR_MS + 60_000), { freezeEnd })).toEqual(['freeze']);
    const maintenanceEnd = (at: number) => (at < HOUR_MS ? HOUR_MS : null);
    const windows = { maintenanceEnd, hasMaintenance: true };
    expect(kinds(planned(0, HOUR_MS), windows)).toEqual([]);
    expect(kinds(planned(0, 2 * HOUR_MS), windows)).toEqual(['outside_maintenance']);
    expect(kinds(planned(0, 2 * HOUR_MS, { kind: 'emergency' }), { ...windows, freezeEnd })).toEqual([]);
  });

  it('is the same for both of two changes', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(span, span, ([a, m], [b, n]) => {
        const one = planned(a, a + m, { id: 'one', state: 'scheduled' });
        const two = planned(b, b + n, { id: 'two', state: 'scheduled' });
        expect(kinds(one, { others: [two] })).toEqual(kinds(two, { others: [one] }));
      }),
    );
  });

  it('one that is under way lasts on until it is done', () => {
    expect(spanOf(planned(0, 100, { state: 'implement', startedAt: 10 }), 500)).toEqual({ from: 10, to: 501 });
  });
});
