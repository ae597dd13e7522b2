import { BOOLEAN, DOUBLE, INTEGER, SlotMap, SlotValues, STRING } from '../dialects/slots.ts';
import { AskedKeys, type AttributeReader } from './attributes.ts';
import type { Wire } from './wire.ts';

/** Attributes that are asked for by name, where few are read: of each the value that came last. */
export class AskedAttributes<K extends string> {
  readonly #wire: Wire;
  readonly #reader: AttributeReader;
  readonly #asked: AskedKeys;
  readonly #values: SlotValues;
  readonly #slots: ReadonlyMap<K, number>;

  constructor(wire: Wire, reader: AttributeReader, keys: readonly K[]) {
    this.#wire = wire;
    this.#reader = reader;
    const map = new SlotMap();
    this.#slots = new Map(keys.map((key) => [key, map.attribute(key)]));
    this.#asked = new AskedKeys(map.keys, map.slots);
    this.#values = new SlotValues(map);
  }

  /** Forgets what was read: before the attributes of the next thing. */
  clear(): void {
    this.#values.clear();
    this.#values.source = this.#wire.buffer;
  }

  /** Reads the attribute that ends at `end`. */
  read(end: number): void {
    this.#reader.read(end, this.#asked, this.#values);
  }

  /** Null when it is not there, or no single value. */
  scalar(key: K): string | number | boolean | null {
    const slot = this.#slots.get(key)!;
    const { type, source, at, length, number } = this.#values;
    switch (type[slot]) {
      case STRING:
        return source.toString('utf8', at[slot]!, at[slot]! + length[slot]!);
      case INTEGER:
      case DOUBLE:
        return number[slot]!;
      case BOOLEAN:
        return number[slot] === 1;
      default:
        return null;
    }
  }

  /** As text; '' when it is not there, or no single value. */
  text(key: K): string {
    return String(this.scalar(key) ?? '');
  }
}
