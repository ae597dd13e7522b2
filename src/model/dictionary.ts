/** A small integer that stands for a string; 0 is "absent", 1 is "other" (the dictionary is full). */
export type Code = number;

export const ABSENT: Code = 0;
export const OTHER: Code = 1;

/**
 * Strings that rules compare with, so that their codes are the same in every deployment, for ever.
 * Append only: a code is written into stored rows.
 */
export const WELL_KNOWN = [
  '',
  '(other)',
  'chat',
  'text_completion',
  'generate_content',
  'embeddings',
  'retrieval',
  'rerank',
  'execute_tool',
  'invoke_agent',
  'invoke_workflow',
  'guardrail',
  '_OTHER',
  'response_model',
  'prompt_version',
  'agent',
  'operation',
  'error_class',
  'finish_class',
  'dependency',
  'delay',
  'evaluation',
] as const;

/** The code of a well-known string. */
export const codeOfKnown = (text: (typeof WELL_KNOWN)[number]): Code => WELL_KNOWN.indexOf(text);

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Where codes are given when several processes share them: the caller waits for the answer. Entries lie without gaps in order of
 * their codes, and are never changed.
 */
export interface SharedEntries {
  /** The entries from `size` on, after seeing to it that the text is one of all. @throws when there is no answer: nothing is given then */
  allot(text: string, size: number): readonly string[];
  /** The entries from `size` on. @throws as `allot` */
  since(size: number): readonly string[];
}

/** Names of the house that find room when strings from outside have filled a dictionary: services, evaluators, marks. */
const RESERVE = 1 << 16;

/**
 * Bytes to codes and back: a string seen before costs one hash and one comparison, and no JavaScript string.
 * Codes are given in order of first sight and never change. Strings
 * from outside find room up to `max` entries; what comes later is `OTHER`.
 */
export class Dictionary {
  readonly max: number;
  /** How often a new string was folded into `OTHER` because the dictionary was full. */
  refused = 0;
  readonly #texts: string[] = [];
  readonly #bytes: Uint8Array[] = [];
  #hashes: Uint32Array;
  #table: Int32Array;
  #mask: number;
  #taken: number;
  readonly #shared: SharedEntries | null;

  /**
   * @param known   the entries of an earlier life, in order of their codes; must begin with `WELL_KNOWN`
   * @param shared  where codes are given; null: here
   */
  constructor(known: readonly string[] = WELL_KNOWN, max = 1 << 20, shared: SharedEntries | null = null) {
    this.max = max;
    this.#shared = shared;
    this.#mask = 4095;
    this.#table = new Int32Array(this.#mask + 1);
    this.#hashes = new Uint32Array(1024);
    for (const [i, text] of known.entries()) {
      if (i < WELL_KNOWN.length && text !== WELL_KNOWN[i])
        throw new RangeError(`entry ${i} is ${JSON.stringify(text)}, not ${JSON.stringify(WELL_KNOWN[i])}`);
      this.#append(encoder.encode(text), text);
    }
    for (const text of WELL_KNOWN.slice(known.length)) this.#append(encoder.encode(text), text);
    this.#taken = known.length;
  }

  get size(): number {
    return this.#texts.length;
  }

  /** The string of a code; an unknown code is a fault of the program. */
  text(code: Code): string {
    if (this.#shared !== null && code >= this.#texts.length) this.#learn(this.#shared.since(this.#texts.length));
    const text = this.#texts[code];
    if (text === undefined) throw new RangeError(`no string has code ${code} (${this.#texts.length} are known)`);
    return text;
  }

  /** The string of a code, `null` for `ABSENT`. */
  textOrNull(code: Code): string | null {
    return code === ABSENT ? null : this.text(code);
  }

  /** Of a string of the house: names.ts parts composite ones by NUL. */
  code(text: string): Code {
    const bytes = encoder.encode(text);
    return this.#find(bytes, 0, bytes.length, false);
  }

  /** Of a string from outside: it becomes no composite name, whatever it holds. */
  codeOfForeign(text: string): Code {
    const bytes = encoder.encode(text);
    return this.codeOfBytes(bytes, 0, bytes.length);
  }

  /** Of bytes from outside: of what is not UTF-8, and of NUL, the code of the text with U+FFFD in these places. */
  codeOfBytes(source: Uint8Array, at: number, length: number): Code {
    return this.#find(source, at, length, true);
  }

  #find(source: Uint8Array, at: number, length: number, isForeign: boolean): Code {
    if (length === 0) return ABSENT;
    let hash = length;
    for (let i = at, end = at + length; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const code = this.#table[slot]!;
      if (code === 0) return this.#add(source, at, length, hash, isForeign);
      if (this.#hashes[code] === hash && same(this.#bytes[code]!, source, at, length)) return code;
    }
  }

  /** Takes in what others have been given. @throws when that can't be asked */
  refresh(): void {
    if (this.#shared !== null) this.#learn(this.#shared.since(this.#texts.length));
  }

  /** Codes given since the last call: the entries from `first` on. They must be stored no later than a row that uses them. */
  takeFresh(): { first: Code; texts: string[] } {
    const fresh = { first: this.#taken, texts: this.#texts.slice(this.#taken) };
    this.#taken = this.#texts.length;
    return fresh;
  }

  /** Entries that another thread has given: the same code for the same string. */
  absorb(first: Code, texts: readonly string[]): void {
    for (const [i, text] of texts.entries()) {
      if (first + i < this.#texts.length) continue;
      if (first + i > this.#texts.length)
        throw new RangeError(`entries from ${first} on leave a gap: only ${this.#texts.length} are known`);
      this.#append(encoder.encode(text), text);
    }
    this.#taken = this.#texts.length;
  }

  #add(source: Uint8Array, at: number, length: number, hash: number, isForeign: boolean): Code {
    if (this.#texts.length >= (isForeign ? this.max : this.max + RESERVE)) {
      this.refused++;
      return OTHER;
    }
    // A copy: `slice` of a Buffer would be a view of memory that is used again.
    const bytes = new Uint8Array(source.subarray(at, at + length));
    const decoded = utf8.decode(bytes);
    const text = isForeign ? decoded.replaceAll('\u0000', '\uFFFD') : decoded;
    const clean = encoder.encode(text);
    if (!same(clean, bytes, 0, bytes.length)) return this.#find(clean, 0, clean.length, isForeign);
    if (this.#shared === null) return this.#append(bytes, text, hash);
    // Somebody else may have been first: it is one of the new ones in any case.
    this.#learn(this.#shared.allot(text, this.#texts.length));
    const code = this.#known(bytes, hash);
    if (code === null) throw new RangeError(`${JSON.stringify(text)} was given no code`);
    return code;
  }

  /** Others' entries, which whoever takes the fresh ones is told of, too. */
  #learn(texts: readonly string[]): void {
    for (const text of texts) this.#append(encoder.encode(text), text);
  }

  #known(bytes: Uint8Array, hash: number): Code | null {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const code = this.#table[slot]!;
      if (code === 0) return null;
      if (this.#hashes[code] === hash && same(this.#bytes[code]!, bytes, 0, bytes.length)) return code;
    }
  }

  #append(bytes: Uint8Array, text: string, known?: number): Code {
    let hash = known ?? bytes.length;
    if (known === undefined) {
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
      hash = (hash ^ (hash >>> 15)) >>> 0;
    }
    const code = this.#texts.length;
    this.#texts.push(text);
    this.#bytes.push(bytes);
    if (code >= this.#hashes.length) {
      const grown = new Uint32Array(this.#hashes.length * 2);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[code] = hash;
    if (code > 0) this.#place(code, hash);
    if (this.#texts.length * 2 > this.#mask) this.#rehash();
    return code;
  }

  #place(code: Code, hash: number): void {
    let slot = hash & this.#mask;
    while (this.#table[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#table[slot] = code;
  }

  #rehash(): void {
    this.#mask = this.#mask * 2 + 1;
    this.#table = new Int32Array(this.#mask + 1);
    for (let code = 1; code < this.#texts.length; code++) this.#place(code, this.#hashes[code]!);
  }
}

function same(known: Uint8Array, source: Uint8Array, at: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== source[at + i]) return false;
  return true;
}
