import { expect, it } from 'vitest';
import { SINK_CLASSES } from '../../../src/model/delivery.ts';
import { needless } from '../../../src/store/outbox/replay.ts';

const waiting = { transition: 'opened', isOvertaken: false, isOver: false } as const;

it.each(SINK_CLASSES)('what a %s has not heard is sent once more', (kind) => {
  expect(needless(waiting, { class: kind, everyTransition: false })).toBeNull();
});

it.each(SINK_CLASSES)(
  'behind something newer nothing is sent to a %s, but for one that hears of everything',
  (kind) => {
    const overtaken = { ...waiting, isOvertaken: true };
    expect(needless(overtaken, { class: kind, everyTransition: false })).toBe(
      'something newer has been delivered since',
    );
    expect(needless(overtaken, { class: kind, everyTransition: true })).toBeNull();
  },
);

it.each([
  ['page', 'opened', 'the incident is over'],
  ['chat', 'updated', 'the incident is over'],
  ['page', 'resolved', null],
  ['record', 'opened', null],
  ['note', 'opened', null],
] as const)('of what is over a %s hears %s or not', (kind, transition, expected) => {
  expect(needless({ ...waiting, transition, isOver: true }, { class: kind, everyTransition: false })).toBe(expected);
});
