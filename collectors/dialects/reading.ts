import type { Frame, Resource } from './reader.ts';
import type { SlotMap, SlotValues } from './slots.ts';

/** What the reader found in one span. */
export interface Reading {
  readonly values: SlotValues;
  readonly frame: Frame;
  readonly resource: Resource;
  readonly scope: number;
}

/** The key of the attribute that a slot is for. */
export const keyOf = ({ keys, slots }: SlotMap, slot: number): string => keys[slots.indexOf(slot)]!;
