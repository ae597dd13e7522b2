import { MINUTE_MS, parseDuration } from '../../model/time.ts';
import { suggestion } from '../config/nearest.ts';
import type { ConfigProblem } from '../config/problem.ts';
import type { Tick } from './scenario.ts';

/** A line that is not of the language: where, and what was expected instead. */
export class LineError extends Error {
  readonly problem: ConfigProblem;

  constructor(problem: Omit<ConfigProblem, 'path' | 'code'>) {
    super(problem.message);
    this.problem = { ...problem, path: '', code: 'PLIM_SCENARIO_SYNTAX' };
  }
}

/** One word of a line, and the column where it begins, from 1. */
export interface Word {
  readonly text: string;
  readonly column: number;
}

/** The words of a part of a line, read from left to right. */
export class Words {
  readonly file: string;
  readonly line: number;
  readonly #words: readonly Word[];
  readonly #end: number;
  #at = 0;

  /** @param column  of the first character of `text` */
  constructor(file: string, line: number, text: string, column = 1) {
    this.file = file;
    this.line = line;
    this.#words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: column + match.index }));
    this.#end = column + text.trimEnd().length;
  }

  get isDone(): boolean {
    return this.#at >= this.#words.length;
  }

  /** The next word, not taken; '' at the end. */
  get next(): string {
    return this.#words[this.#at]?.text ?? '';
  }

  /** Takes the next words when they are these. */
  takes(...texts: readonly string[]): boolean {
    if (!texts.every((text, i) => this.#words[this.#at + i]?.text === text)) return false;
    this.#at += texts.length;
    return true;
  }

  take(expected: string): string {
    if (this.isDone) throw this.wrong(`expected ${expected}`);
    return this.#words[this.#at++]!.text;
  }

  /** One of these words. */
  one<T extends string>(known: readonly T[], what: string): T {
    const found = known.find((word) => word === this.next);
    if (found === undefined)
      throw this.wrong(`expected ${what}`, this.isDone ? `one of ${known.join(', ')}` : suggestion(this.next, known));
    this.#at++;
    return found;
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.wrong(`expected "${text}"`);
  }

  count(what: string): number {
    const text = this.next.replaceAll('_', '');
    if (!/^\d{1,12}$/.test(text)) throw this.wrong(`expected how many ${what}, a whole number`);
    this.#at++;
    return Number(text);
  }

  number(what: string): number {
    const value = Number(this.next);
    if (this.isDone || !Number.isFinite(value)) throw this.wrong(`expected ${what}, a number`);
    this.#at++;
    return value;
  }

  /** `500ms`, `4s`. */
  durationMs(what: string): number {
    const ms = parseDuration(this.next);
    if (ms === undefined) throw this.wrong(`expected ${what}, like 4s or 2h`);
    this.#at++;
    return ms;
  }

  wholeMinutes(what: string): number {
    const ms = parseDuration(this.next);
    if (ms === undefined || ms % MINUTE_MS !== 0) throw this.wrong(`expected ${what} in whole minutes, like 10m or 2h`);
    this.#at++;
    return ms / MINUTE_MS;
  }

  /** `58`, `2h`, `1d12h`: minutes since the beginning. */
  tick(what: string): Tick {
    const at = tickOf(this.next);
    if (at === null) throw this.wrong(`expected ${what}: a minute like 58, or 2h, or 1d12h`);
    this.#at++;
    return at;
  }

  /** `58`, or `55..59`, both ends inclusive. */
  range(what: string): { from: Tick; to: Tick } {
    const [first, last, ...more] = this.next.split('..');
    const from = tickOf(first!);
    const to = last === undefined ? from : tickOf(last);
    if (from === null || to === null || more.length > 0) throw this.wrong(`expected ${what} like 58, 55..59 or 0..2d`);
    if (to < from) throw this.wrong(`expected ${what} that end after they begin`, `write ${last}..${first}`);
    this.#at++;
    return { from, to };
  }

  end(): void {
    if (!this.isDone) throw this.wrong('expected the end of this');
  }

  /** What is wrong at the next word. */
  wrong(message: string, hint: string | null = null): LineError {
    return new LineError({
      file: this.file,
      line: this.line,
      column: this.#words[this.#at]?.column ?? this.#end,
      found: this.isDone ? 'nothing' : JSON.stringify(this.next),
      message,
      hint,
    });
  }
}

const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

function tickOf(text: string): Tick | null {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (!/^(\d{1,6}[dhm])+$/.test(text)) return null;
  return [...text.matchAll(/(\d+)([dhm])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit!]!, 0);
}

/** A line in parts that commas separate, each with the column where it begins. */
export function clauses(text: string, column = 1): { text: string; column: number }[] {
  let at = column;
  return text.split(',').map((part) => {
    const clause = { text: part, column: at };
    at += part.length + 1;
    return clause;
  });
}
