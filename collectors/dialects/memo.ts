import { Dictionary, OTHER } from '../../src/model/dictionary.ts';

/** How many values are remembered: attributes of this kind have a handful, but anybody may send anything. */
const MAX_REMEMBERED = 4096;

/** What was made of a text is made of its bytes again without a string, as long as there are not too many texts. */
export class Memo<T> {
  readonly #texts = new Dictionary([], MAX_REMEMBERED);
  readonly #made: T[] = [];
  readonly #make: (text: string) => T;

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  of(source: Buffer, at: number, length: number): T {
    const code = this.#texts.codeOfBytes(source, at, length);
    if (code === OTHER) return this.#make(source.toString('utf8', at, at + length));
    const made = this.#made[code];
    if (made !== undefined) return made;
    const fresh = this.#make(this.#texts.text(code));
    this.#made[code] = fresh;
    return fresh;
  }
}
