import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ChangeFacts,
  type ChangeMove,
  type ChangeMoveType,
  legalChangeMoves,
  moveChange,
} from '../../src/changes/lifecycle.ts';
import { CHANGE_KINDS, type ChangeKind, type ChangeRecord, type ChangeState } from '../../src/model/change.ts';
import type { Actor } from '../../src/model/incident.ts';
import { change } from './records.ts';

/** The table of the guide, written down a second time: what a move leads to in each state, of each kind. */
const NEXT: Readonly<Record<ChangeKind, Readonly<Record<string, ChangeState>>>> = {
  normal: {
    'new submit': 'assess',
    'assess assess': 'authorize',
    'assess reject': 'new',
    'assess revert': 'new',
    'authorize approve': 'scheduled',
    'authorize reject': 'new',
  },
  standard: { 'new submit': 'scheduled' },
  emergency: {
    'new submit': 'authorize',
    'authorize approve': 'scheduled',
    'authorize reject': 'new',
    'authorize revert': 'new',
  },
};
const ALWAYS: Readonly<Record<string, ChangeState>> = {
  'scheduled start': 'implement',
  'implement complete': 'review',
  'review review': 'closed',
  'new cancel': 'cancelled',
  'assess cancel': 'cancelled',
  'authorize cancel': 'cancelled',
  'scheduled cancel': 'cancelled',
  'implement cancel': 'cancelled',
};

const ANYBODY: Actor = { kind: 'user', id: 'local' };
const PEOPLE: readonly Actor[] = [
  ANYBODY,
  { ...ANYBODY, name: 'Dana' },
  { ...ANYBODY, name: ' dana' },
  { ...ANYBODY, name: 'Kim' },
  { kind: 'user', id: 'dana@example.com', name: 'Dana' },
  { kind: 'user', id: 'kim@example.com', name: 'Kim' },
  { kind: 'token', id: 'tok-1' },
  { kind: 'token', id: 'tok-1', name: 'Kim' },
  { kind: 'token', id: 'tok-2' },
];

const step: fc.Arbitrary<ChangeMove> = fc.oneof(
  fc.record({
    type: fc.constant('amend' as const),
    draft: fc.oneof(
      fc.record({ kind: fc.constantFrom(...CHANGE_KINDS) }),
      fc.constant({ template: 'prompt' }),
      fc.constant({ plannedStart: 10, plannedEnd: 5 }),
    ),
    reason: fc.constant('because'),
  }),
  fc.constant<ChangeMove>({ type: 'attach', evidence: [{ run: 'r', n: 100, low: 0.8, high: 0.9 }] }),
  fc.constant<ChangeMove>({ type: 'submit' }),
  fc.constant<ChangeMove>({
    type: 'assess',
    reason: 'looked at',
    substantialModification: 'no',
    instructionsUpdateNeeded: false,
  }),
  fc.record({
    type: fc.constant('approve' as const),
    comment: fc.constant(null),
    reference: fc.constantFrom(null, 'CHG0030'),
  }),
  fc.constant<ChangeMove>({ type: 'reject', reason: 'no' }),
  fc.constant<ChangeMove>({ type: 'revert', reason: 'again' }),
  fc.constant<ChangeMove>({ type: 'start' }),
  fc.record({ type: fc.constant('complete' as const), rolledBack: fc.boolean(), notes: fc.constant(null) }),
  fc.record({
    type: fc.constant('review' as const),
    result: fc.constantFrom(null, 'successful' as const),
    notes: fc.constant('seen'),
  }),
  fc.constant<ChangeMove>({ type: 'cancel', reason: 'no need' }),
);

/** Ways that lead somewhere are walked more often than by chance. */
const walked = fc.array(
  fc.record({
    step: fc.oneof({ weight: 1, arbitrary: step }, { weight: 2, arbitrary: fc.constant(null) }),
    by: fc.constantFrom(...PEOPLE),
    later: fc.integer({ min: -1000, max: 100_000 }),
    freezeUntil: fc.constantFrom(null, null, 1e9),
    templateUses: fc.integer({ min: 0, max: 5 }),
    approval: fc.constantFrom('internal' as const, 'external' as const),
  }),
  { maxLength: 25 },
);

const FORWARD: Readonly<Partial<Record<ChangeState, ChangeMove>>> = {
  new: { type: 'submit' },
  assess: { type: 'assess', reason: 'looked at', substantialModification: 'no', instructionsUpdateNeeded: null },
  authorize: { type: 'approve', comment: null, reference: 'CHG0030' },
  scheduled: { type: 'start' },
  implement: { type: 'complete', rolledBack: false, notes: null },
  review: { type: 'review', result: 'successful', notes: 'seen' },
};

const nameOf = ({ id, name }: Actor): string => (name ?? id).trim().toLowerCase();

it('no move leads where the table does not, nobody approves their own change, and no freeze is broken', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CHANGE_KINDS), fc.constantFrom(...PEOPLE), walked, (kind, requestedBy, walk) => {
      let now = 0;
      let record: ChangeRecord = change({ kind, requestedBy, template: kind === 'standard' ? 'prompt' : null });
      const authors = [requestedBy];
      for (const { step: asked, by, later, freezeUntil, templateUses, approval } of walk) {
        const one = asked ?? FORWARD[record.state];
        if (one === undefined) continue;
        now += later;
        const facts: ChangeFacts = {
          freezeUntil,
          templateUses,
          approval,
          assess: () => ({ risk: 'low', reasons: [] }),
        };
        const moved = moveChange(record, one, by, now, facts);
        const way = `${record.state} ${one.type}`;
        const leads = NEXT[record.kind][way] ?? ALWAYS[way];
        const stays = one.type === 'attach' || one.type === 'amend';
        if (moved.refused === 'state') {
          expect(moved.legal).toEqual(legalChangeMoves(record));
          expect(leads).toBeUndefined();
          continue;
        }
        if (moved.refused === 'rule') continue;
        const next = moved.change;
        expect(next.state).toBe(stays ? record.state : leads);
        if (next.kind !== record.kind) expect(record.state).toBe('new');
        if (one.type === 'approve') {
          for (const author of authors) expect(nameOf(by)).not.toBe(nameOf(author));
          if (record.kind === 'emergency') expect(by === ANYBODY || (by.kind === 'token' && !by.name)).toBe(false);
          if (approval === 'external') expect(next.approvals.at(-1)!.reference).not.toBeNull();
        }
        if (one.type === 'start') {
          if (freezeUntil !== null) expect(next.kind).toBe('emergency');
          expect(next.inFreeze).toBe(freezeUntil !== null);
          if (next.kind !== 'standard') expect(next.approvals.length).toBeGreaterThan(0);
        }
        if (one.type === 'submit' && record.kind === 'standard') expect(templateUses).toBeGreaterThanOrEqual(3);
        if (next.state === 'new') expect(next.approvals).toEqual([]);
        if (next.state === 'closed') expect(next.review!.signed).not.toBeNull();
        if (one.type === 'amend') authors.push(by);
        expect(next.timeline.length).toBe(record.timeline.length + 1);
        const times = next.timeline.map(({ at }) => at);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        record = next;
      }
    }),
    { numRuns: 2000 },
  );
});

it('a record that is closed or cancelled is final', () => {
  for (const state of ['closed', 'cancelled'] as const)
    expect(legalChangeMoves({ state, kind: 'normal' })).toEqual([] satisfies ChangeMoveType[]);
});
