/** Random OTLP requests, written byte by byte: fields in any order, unknown ones, groups, numbers longer than they need be. */

/** Mulberry32: the same seed, the same numbers. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What attributes may be called, so that most of them matter. */
export interface Vocabulary {
  readonly resourceKeys: readonly string[];
  readonly spanKeys: readonly string[];
  readonly eventNames: readonly string[];
  readonly eventKeys: readonly string[];
  /** Values that say something somewhere: kinds, operations, providers. */
  readonly words: readonly string[];
  /** Around this time spans end. */
  readonly now: number;
}

type Bytes = readonly number[];

export class RandomRequests {
  readonly #random: () => number;
  readonly #vocabulary: Vocabulary;

  constructor(seed: number, vocabulary: Vocabulary) {
    this.#random = randomFrom(seed);
    this.#vocabulary = vocabulary;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  next(): Buffer {
    return Buffer.from(this.#times(1 + this.below(3), () => this.#message(1, this.#resourceSpans())).flat());
  }

  #times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  #varint(value: bigint): number[] {
    const bytes: number[] = [];
    for (let rest = BigInt.asUintN(64, value); ; ) {
      const low = Number(rest & 127n);
      rest >>= 7n;
      if (rest === 0n) return [...bytes, low];
      bytes.push(low | 128);
    }
  }

  /** Not always in its shortest form: still legal. */
  #size(length: number): Bytes {
    const bytes = this.#varint(BigInt(length));
    return this.chance(0.05) && bytes.length < 4 ? [...bytes.slice(0, -1), bytes.at(-1)! | 128, 0] : bytes;
  }

  #tag(field: number, wireType: number): Bytes {
    return this.#varint(BigInt(field * 8 + wireType));
  }

  #message(field: number, bytes: Bytes): Bytes {
    return [...this.#tag(field, 2), ...this.#size(bytes.length), ...bytes];
  }

  #string(field: number, text: string): Bytes {
    return this.#message(field, [...Buffer.from(text)]);
  }

  #number(field: number, value: bigint | number): Bytes {
    return [...this.#tag(field, 0), ...this.#varint(BigInt(value))];
  }

  #fixed64(field: number, value: bigint): Bytes {
    return [...this.#tag(field, 1), ...Buffer.from(new BigUint64Array([value]).buffer)];
  }

  #raw(length: number): Bytes {
    return this.#times(length, () => this.below(256));
  }

  #shuffle(parts: readonly Bytes[], share: number): Bytes {
    const list = [...parts];
    if (this.chance(share))
      for (let i = list.length - 1; i > 0; i--) {
        const j = this.below(i + 1);
        [list[i], list[j]] = [list[j]!, list[i]!];
      }
    return list.flat();
  }

  /** A field that no version of the protocol has. */
  #unknown(): Bytes {
    if (this.chance(0.85)) return [];
    switch (this.below(5)) {
      case 0:
        return this.#number(99, this.below(1e9));
      case 1:
        return this.#fixed64(100, 1n);
      case 2:
        return this.#message(101, this.#raw(this.below(40)));
      case 3:
        return [...this.#tag(102, 5), ...this.#raw(4)];
      default:
        return [...this.#tag(103, 3), ...this.#number(1, 5), ...this.#message(2, this.#raw(3)), ...this.#tag(103, 4)];
    }
  }

  #text(): string {
    const json = { model: 'm-1', ls_provider: 'OpenAI', session_id: 'é"\\\n', user_id: 7, deep: { model: [1, '}'] } };
    const texts = ['', 'a', 'gpt-4o', 'zażółć', '日本語', '🚢', 'x'.repeat(this.below(300)), `v${this.below(1000)}`];
    const numbers = ['12', ' 7 ', '3.5', '1e3', '-4', 'NaN', '0x10', ''];
    const lists = [
      '["stop"]',
      '[]',
      '[7]',
      '["a\\u0062"]',
      JSON.stringify(json),
      JSON.stringify({ x: json }),
      '{}',
      '[ ]',
    ];
    return this.pick(
      [texts, texts, numbers, lists, this.#vocabulary.words, this.#vocabulary.words].map((list) => this.pick(list)),
    );
  }

  #bytesOfText(): Bytes {
    const bytes = [...Buffer.from(this.#text())];
    if (bytes.length > 0 && this.chance(0.02)) bytes[this.below(bytes.length)] = 0xff;
    return bytes;
  }

  #double(): Bytes {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(
      this.pick([0, -0, 1.5, 1e300, -2.25, Number.NaN, Number.POSITIVE_INFINITY, 42, this.#random() * 100]),
    );
    return [...this.#tag(4, 1), ...bytes];
  }

  #integer(): bigint {
    return this.pick([
      0n,
      1n,
      5n,
      100n,
      127n,
      128n,
      200n,
      429n,
      503n,
      4096n,
      2n ** 31n,
      -1n,
      -77n,
      2n ** 53n - 1n,
      2n ** 60n,
    ]);
  }

  #oneValue(depth: number): Bytes {
    switch (this.below(depth > 1 ? 6 : 9)) {
      case 0:
      case 1:
      case 2:
        return this.#message(1, this.#bytesOfText());
      case 3:
        return this.#number(2, this.below(2));
      case 4:
        return this.#number(3, this.#integer());
      case 5:
        return this.#double();
      case 6:
        return this.#message(5, this.#times(this.below(4), () => this.#message(1, this.#value(depth + 1))).flat());
      case 7:
        return this.#message(
          6,
          this.#times(this.below(3), () => this.#message(1, this.#attribute(this.#text(), depth + 1))).flat(),
        );
      default:
        return this.#message(7, this.#raw(this.below(20)));
    }
  }

  #value(depth: number): Bytes {
    if (this.chance(0.04)) return [];
    if (this.chance(0.04)) return [...this.#oneValue(depth), ...this.#oneValue(depth)];
    return [...this.#oneValue(depth), ...this.#unknown()];
  }

  #attribute(key: string, depth = 0): Bytes {
    const value = this.chance(0.97) ? this.#message(2, this.#value(depth)) : [];
    const again = this.chance(0.02) ? this.#message(2, this.#message(1, this.#bytesOfText())) : [];
    return this.#shuffle([this.#string(1, key), value, again, this.#unknown()], 0.2);
  }

  #attributes(field: number, count: number, keys: readonly string[]): Bytes[] {
    return this.#times(count, () => this.#message(field, this.#attribute(this.#keyLike(this.pick(keys)))));
  }

  #keyLike(key: string): string {
    if (this.chance(0.9)) return key;
    return this.pick([`${key}x`, key.slice(0, -1), key.replace('.', '_'), key.toUpperCase(), '', 'a', this.#text()]);
  }

  #instant(): bigint {
    const { now } = this.#vocabulary;
    if (this.chance(0.03)) return this.pick([0n, 2n ** 63n, 2n ** 64n - 1n, 1n, BigInt(now + 3_600_000) * 1_000_000n]);
    return BigInt(now - this.below(1e9)) * 1_000_000n - BigInt(this.below(1e6));
  }

  #event(): Bytes {
    const { eventNames, eventKeys } = this.#vocabulary;
    const name = this.#string(2, this.#keyLike(this.pick(eventNames)));
    return this.#shuffle(
      [this.#fixed64(1, this.#instant()), name, ...this.#attributes(3, this.below(4), eventKeys), this.#unknown()],
      0.4,
    );
  }

  #span(): Bytes {
    const { spanKeys } = this.#vocabulary;
    const id = (length: number) => this.#raw(this.chance(0.01) ? this.below(20) : length);
    const parts: Bytes[] = [
      this.#message(1, id(16)),
      this.#message(2, id(8)),
      this.#message(5, this.#bytesOfText()),
      this.#number(6, this.below(8)),
      this.#fixed64(7, this.#instant()),
      this.#fixed64(8, this.#instant()),
      ...this.#attributes(9, this.below(30), spanKeys),
      ...this.#times(this.below(3), () => this.#message(11, this.#event())),
      this.#unknown(),
    ];
    if (this.chance(0.6))
      parts.push(this.#message(4, this.chance(0.9) ? id(8) : this.#times(this.pick([0, 8]), () => 0)));
    if (this.chance(0.1))
      parts.push(this.#string(3, this.pick(['', 'ot=th:c', 'a=b,ot=th:8;rv:1', 'ot=p:3', 'ot=th:zz'])));
    if (this.chance(0.2))
      parts.push(this.#message(13, [...this.#message(1, this.#raw(16)), ...this.#attributes(4, 1, spanKeys).flat()]));
    if (this.chance(0.5))
      parts.push(this.#message(15, this.#shuffle([this.#string(2, 'm'), this.#number(3, this.below(4))], 0.5)));
    if (this.chance(0.5)) parts.push([...this.#tag(16, 5), this.below(256), this.below(4), 0, 0]);
    return this.#shuffle(parts, 0.3);
  }

  #scopeSpans(): Bytes {
    const scope = this.#message(1, [
      ...this.#string(1, this.pick(['scope', 'other', ''])),
      ...this.#attributes(3, this.below(2), ['a']).flat(),
    ]);
    const spans = this.#times(this.below(10), () => this.#message(2, this.#span()));
    return this.#shuffle([this.chance(0.8) ? scope : [], ...spans, this.#unknown()], 0.5);
  }

  #resourceSpans(): Bytes {
    const { resourceKeys } = this.#vocabulary;
    const resource = () => this.#message(1, this.#attributes(1, this.below(8), resourceKeys).flat());
    const scopes = this.#times(this.below(4), () => this.#message(2, this.#scopeSpans()));
    return this.#shuffle([resource(), this.chance(0.1) ? resource() : [], ...scopes, this.#unknown()], 0.5);
  }
}
