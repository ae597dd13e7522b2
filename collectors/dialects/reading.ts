import type { Frame, Resource } from './reader.ts';
import { NOTHING, type SlotMap, type SlotValues } from './slots.ts';

/** What the reader found in one span. */
export interface Reading {
  readonly values: SlotValues;
  readonly frame: Frame;
  readonly resource: Resource;
  readonly scope: number;
}

/** What is read while some slots are hidden. */
export function without<T>({ type }: SlotValues, slots: readonly number[], read: () => T): T {
  const hidden = slots.map((slot) => type[slot]!);
  for (const slot of slots) type[slot] = NOTHING;
  try {
    return read();
  } finally {
    for (const [i, slot] of slots.entries()) type[slot] = hidden[i]!;
  }
}

/** The key of the attribute that a slot is for. */
export const keyOf = ({ keys, slots }: SlotMap, slot: number): string => keys[slots.indexOf(slot)]!;
