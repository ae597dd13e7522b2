import { type EventSlots, NOTHING, type SlotValues } from '../dialects/slots.ts';
import { AskedKeys, type AttributeReader } from './attributes.ts';
import { EVALUATION_EVENT } from './evaluations.ts';
import { EVENT } from './shapes.ts';
import type { Wire } from './wire.ts';

const TIME_FIELD = (1 << 3) | 1;
const NAME = (2 << 3) | 2;
const ATTRIBUTE = (3 << 3) | 2;

/** Depth of a span's events among the messages of a request. */
const EVENT_DEPTH = 4;

interface AskedEvent {
  readonly timeSlot: number;
  readonly slots: readonly number[];
  readonly keys: AskedKeys;
}

/**
 * Reads the events of a span that somebody asks for into slots; of events of one name the first counts that has what is asked, and
 * the time of the first. Of evaluations there may be many: where they lie is noted, for whoever keeps the span.
 */
export class EventReader {
  /** Where the evaluations of the span being read begin and end, pair by pair. */
  readonly evaluations: number[] = [];
  readonly #wire: Wire;
  readonly #attributes: AttributeReader;
  readonly #names: AskedKeys;
  readonly #asked: readonly AskedEvent[];

  constructor(wire: Wire, attributes: AttributeReader, events: readonly EventSlots[]) {
    this.#wire = wire;
    this.#attributes = attributes;
    this.#asked = events.map(({ timeSlot, keys, slots }) => ({
      timeSlot,
      slots,
      keys: new AskedKeys(keys, slots),
    }));
    this.#names = new AskedKeys(
      [...events.map(({ name }) => name), EVALUATION_EVENT],
      [...events.map((_, i) => i), events.length],
    );
  }

  /** Reads the event that ends at `end`. */
  read(end: number, values: SlotValues): void {
    const wire = this.#wire;
    const start = wire.at;
    const event = this.#nameAndTime(end, values);
    wire.at = start;
    if (event === null) wire.check(EVENT, end, EVENT_DEPTH);
    else this.#readAttributes(end, event.keys, values);
  }

  /** Reads an event's name and time; null when nobody asks for it, or one of its name has said what is asked. */
  #nameAndTime(end: number, values: SlotValues): AskedEvent | null {
    const wire = this.#wire;
    const start = wire.at;
    let number = -1;
    let low = 0;
    let high = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === NAME) {
        const length = wire.size(end);
        number = this.#names.slotOf(wire.buffer, wire.at, length);
        wire.at += length;
      } else if (tag === TIME_FIELD) {
        low = wire.uint32(end);
        high = wire.uint32(end);
      } else wire.skip(tag, end);
    }
    if (number < 0) return null;
    const event = this.#asked[number];
    if (event === undefined) {
      this.evaluations.push(start, end);
      return null;
    }
    const { timeSlot, slots } = event;
    const isFirst = values.type[timeSlot] === NOTHING;
    if (isFirst) values.fillTime(timeSlot, low, high);
    const isOpen = isFirst || (slots.length > 0 && slots.every((slot) => values.type[slot] === NOTHING));
    return isOpen ? event : null;
  }

  #readAttributes(end: number, keys: AskedKeys, values: SlotValues): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === ATTRIBUTE) this.#attributes.read(wire.messageEnd(end), keys, values);
      else wire.skip(tag, end);
    }
  }
}
