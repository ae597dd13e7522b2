import type { Source } from './dialect.ts';

/** What a slot holds. */
export const NOTHING = 0;
export const STRING = 1;
export const BOOLEAN = 2;
export const INTEGER = 3;
export const DOUBLE = 4;
/** An empty list, a list of lists, a map, raw bytes: only where it lies is known. */
export const COMPOUND = 5;
/** The time of an event: low half in `at`, high half in `length`. */
export const TIME = 6;

/** The attributes of an event that are asked for, and its time. */
export interface EventSlots {
  readonly name: string;
  readonly timeSlot: number;
  readonly keys: string[];
  readonly slots: number[];
}

/** Numbers the places that the dialects ask for, so that a reader of bytes can note what it finds by number. */
export class SlotMap {
  size = 0;
  /** By slot: which questions it may answer, as bits. */
  readonly answers: number[] = [];
  readonly keys: string[] = [];
  /** The slot of each of `keys`. */
  readonly slots: number[] = [];
  readonly events: EventSlots[] = [];

  /** The slot of an attribute; the same key has the same slot. */
  attribute(key: string): number {
    return slotIn(this.keys, this.slots, key, this);
  }

  /** Notes that a slot may answer the question with that bit. */
  answer(slot: number, bit: number): void {
    this.answers[slot] = (this.answers[slot] ?? 0) | bit;
  }

  of(source: Source): number {
    if (source.take === 'event' || source.take === 'event json') return this.event(source.event, source.key);
    if (source.take === 'event time') return this.#eventNamed(source.event).timeSlot;
    return this.attribute(source.key);
  }

  /** The slot of an event's attribute. */
  event(name: string, key: string): number {
    const { keys, slots } = this.#eventNamed(name);
    return slotIn(keys, slots, key, this);
  }

  #eventNamed(name: string): EventSlots {
    const known = this.events.find((asked) => asked.name === name);
    if (known !== undefined) return known;
    const asked: EventSlots = { name, timeSlot: this.size++, keys: [], slots: [] };
    this.events.push(asked);
    return asked;
  }
}

function slotIn(keys: string[], slots: number[], key: string, map: SlotMap): number {
  const known = keys.indexOf(key);
  if (known >= 0) return slots[known]!;
  keys.push(key);
  slots.push(map.size);
  return map.size++;
}

/** What was found in one span, by slot. */
export class SlotValues {
  /** The bytes that `at` and `from` are positions in. */
  source: Buffer = Buffer.alloc(0);
  readonly type: Uint8Array;
  /** Of a text: where it lies. */
  readonly at: Int32Array;
  readonly length: Int32Array;
  /** Of a number or boolean. */
  readonly number: Float64Array;
  /** Where the value as a whole lies, as it was sent. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The bits of the questions that some slot answers. */
  present = 0;
  readonly #answers: Int32Array;
  readonly #touched: Int32Array;
  #count = 0;

  constructor({ size, answers }: SlotMap) {
    this.type = new Uint8Array(size);
    this.at = new Int32Array(size);
    this.length = new Int32Array(size);
    this.number = new Float64Array(size);
    this.from = new Int32Array(size);
    this.to = new Int32Array(size);
    this.#touched = new Int32Array(size);
    this.#answers = Int32Array.from({ length: size }, (_, slot) => answers[slot] ?? 0);
  }

  clear(): void {
    for (let i = 0; i < this.#count; i++) this.type[this.#touched[i]!] = NOTHING;
    this.#count = 0;
    this.present = 0;
  }

  /** Of two values of a slot the later one counts. `from` and `to`: where the value as a whole lies. */
  fillText(slot: number, at: number, length: number, from: number, to: number): void {
    this.#fill(slot, STRING, from, to);
    this.at[slot] = at;
    this.length[slot] = length;
  }

  /** An integer, double or boolean, or a compound of which the number says nothing. */
  fillNumber(slot: number, type: number, value: number, from: number, to: number): void {
    this.#fill(slot, type, from, to);
    this.number[slot] = value;
  }

  /** Nanoseconds since 1970, in halves of 32 bits. */
  fillTime(slot: number, low: number, high: number): void {
    this.#fill(slot, TIME, 0, 0);
    this.at[slot] = low;
    this.length[slot] = high;
  }

  /** What is read while some slots are empty: as if they had not been sent. */
  without<T>(slots: readonly number[], read: () => T): T {
    const { present } = this;
    const types = slots.map((slot) => this.type[slot]!);
    for (const slot of slots) this.type[slot] = NOTHING;
    this.present = this.#touched
      .subarray(0, this.#count)
      .reduce((bits, slot) => (this.type[slot] === NOTHING ? bits : bits | this.#answers[slot]!), 0);
    try {
      return read();
    } finally {
      for (const [i, slot] of slots.entries()) this.type[slot] = types[i]!;
      this.present = present;
    }
  }

  #fill(slot: number, type: number, from: number, to: number): void {
    if (this.type[slot] === NOTHING) this.#touched[this.#count++] = slot;
    this.present |= this.#answers[slot]!;
    this.type[slot] = type;
    this.from[slot] = from;
    this.to[slot] = to;
  }
}
