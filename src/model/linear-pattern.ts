/** What a pattern may have characters: it is run as all of its states at once, each character of the text a step. */
const LENGTH_MAX = 256;

type Accepts = (character: string) => boolean;
type Instruction =
  | { readonly is: 'character'; readonly accepts: Accepts }
  | { readonly is: 'fork'; readonly to: readonly number[] }
  | { readonly is: 'match' };

const SHORTHANDS: Readonly<Record<string, RegExp>> = {
  d: /[0-9]/,
  D: /[^0-9]/,
  w: /[0-9A-Za-z_]/,
  W: /[^0-9A-Za-z_]/,
  s: /[\t\n\f\r ]/,
  S: /[^\t\n\f\r ]/,
};
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * A regular expression of whoever may write one: it takes time linear in the text, whatever it is. Of RE2 it knows what
 * names need: characters, `.`, classes, groups, `|`, `*`, `+`, `?` and `\d \w \s`. It has to fit the whole text.
 * @see Thompson (1968), Regular expression search algorithm, CACM 11(6):419-422
 */
export class LinearPattern {
  readonly #program: readonly Instruction[];

  /** @throws SyntaxError  in words for whoever wrote it */
  constructor(written: string) {
    this.#program = new Compiler(written).compile();
  }

  matches(text: string): boolean {
    let states = this.#reach([0]);
    for (const character of text) {
      const next: number[] = [];
      for (const state of states) {
        const instruction = this.#program[state]!;
        if (instruction.is === 'character' && instruction.accepts(character)) next.push(state + 1);
      }
      if (next.length === 0) return false;
      states = this.#reach(next);
    }
    return [...states].some((state) => this.#program[state]!.is === 'match');
  }

  /** All that can be reached without a character. */
  #reach(from: readonly number[]): Set<number> {
    const reached = new Set(from);
    for (const state of reached) {
      const instruction = this.#program[state]!;
      if (instruction.is === 'fork') for (const to of instruction.to) reached.add(to);
    }
    return reached;
  }
}

/** Reads a pattern from left to right and writes its program behind it. */
class Compiler {
  readonly #text: readonly string[];
  readonly #end: number;
  #at = 0;
  readonly #program: Instruction[] = [];

  constructor(written: string) {
    const text = [...written];
    if (text.length > LENGTH_MAX) throw new SyntaxError(`a pattern has up to ${LENGTH_MAX} characters`);
    this.#text = text;
    // Patterns fit the whole text anyway.
    if (text[0] === '^') this.#at++;
    const isClosed = text.at(-1) === '$' && text.at(-2) !== '\\' && text.length > this.#at;
    this.#end = isClosed ? text.length - 1 : text.length;
  }

  compile(): Instruction[] {
    this.#alternatives();
    if (this.#at < this.#end) throw new SyntaxError('a ) has no (');
    this.#program.push({ is: 'match' });
    return this.#program;
  }

  /** The next character, without taking it; '' at the end. */
  get #next(): string {
    return this.#at < this.#end ? this.#text[this.#at]! : '';
  }

  /** Takes the next character if it is that one. */
  #takes(wanted: string): boolean {
    if (this.#next !== wanted) return false;
    this.#at++;
    return true;
  }

  #take(): string {
    const one = this.#next;
    this.#at++;
    return one;
  }

  #character(accepts: Accepts): void {
    this.#program.push({ is: 'character', accepts });
  }

  /** Moves what was written from `start` on by one place. */
  #makeRoom(start: number): void {
    const moved = this.#program
      .splice(start)
      .map((one) => (one.is === 'fork' ? forkTo(...one.to.map((to) => (to >= start ? to + 1 : to))) : one));
    this.#program.push(forkTo(), ...moved);
  }

  #alternatives(): void {
    const program = this.#program;
    const start = program.length;
    this.#sequence();
    while (this.#takes('|')) {
      this.#makeRoom(start);
      const leave = program.length;
      program.push(forkTo());
      program[start] = forkTo(start + 1, program.length);
      this.#sequence();
      program[leave] = forkTo(program.length);
    }
  }

  #sequence(): void {
    while (!['', '|', ')'].includes(this.#next)) this.#repeated();
  }

  #repeated(): void {
    const program = this.#program;
    const start = program.length;
    this.#atom();
    const sign = this.#next;
    if (!SIGNS.has(sign)) return;
    this.#at++;
    if (SIGNS.has(this.#next)) throw new SyntaxError(`${sign}${this.#next} is not known: write one of them`);
    if (sign === '+') {
      program.push(forkTo(start, program.length + 1));
      return;
    }
    this.#makeRoom(start);
    if (sign === '*') program.push(forkTo(start));
    program[start] = forkTo(start + 1, program.length);
  }

  #atom(): void {
    const one = this.#take();
    if (SIGNS.has(one)) throw new SyntaxError(`${one} has nothing before it`);
    if (RESERVED.has(one)) throw new SyntaxError(`${one} is not known here: write \\${one} for the character`);
    if (one === '(') this.#group();
    else if (one === '[') this.#class();
    else if (one === '.') this.#character(() => true);
    else if (one === '\\') this.#character(accepting(this.#escaped()));
    else this.#character(accepting(one));
  }

  #group(): void {
    if (this.#takes('?') && !this.#takes(':')) throw new SyntaxError('of groups (...) and (?:...) are known');
    this.#alternatives();
    if (!this.#takes(')')) throw new SyntaxError('a ( has no )');
  }

  #escaped(): string | RegExp {
    const one = this.#take();
    if (one === '') throw new SyntaxError('a \\ has nothing behind it');
    if (Object.hasOwn(SHORTHANDS, one)) return SHORTHANDS[one]!;
    if (Object.hasOwn(CONTROLS, one)) return CONTROLS[one]!;
    if (/[A-Za-z0-9]/.test(one)) throw new SyntaxError(`\\${one} is not known`);
    return one;
  }

  #class(): void {
    const isNegated = this.#takes('^');
    const members = [this.#member()];
    while (this.#next !== ']' && this.#next !== '') members.push(this.#member());
    if (!this.#takes(']')) throw new SyntaxError('a [ has no ]');
    this.#character((given) => members.some((accepts) => accepts(given)) !== isNegated);
  }

  /** A character of a class, a range, or a shorthand. */
  #member(): Accepts {
    const from = this.#memberEnd();
    const isRange = typeof from === 'string' && this.#next === '-' && this.#text[this.#at + 1] !== ']';
    if (!isRange || this.#at + 1 >= this.#end) return accepting(from);
    this.#at++;
    const to = this.#memberEnd();
    const [low, high] = [from.codePointAt(0)!, typeof to === 'string' ? to.codePointAt(0)! : -1];
    if (high < low) throw new SyntaxError('a range in [...] goes from one character to a later one');
    return (given) => given.codePointAt(0)! >= low && given.codePointAt(0)! <= high;
  }

  #memberEnd(): string | RegExp {
    if (this.#next === '') throw new SyntaxError('a [ has no ]');
    return this.#takes('\\') ? this.#escaped() : this.#take();
  }
}

const SIGNS: ReadonlySet<string> = new Set(['*', '+', '?']);
const RESERVED: ReadonlySet<string> = new Set(['{', '}', '^', '$', ']']);

const forkTo = (...to: readonly number[]): Instruction => ({ is: 'fork', to });

const accepting = (meant: string | RegExp): Accepts =>
  typeof meant === 'string' ? (given) => given === meant : (given) => meant.test(given);
