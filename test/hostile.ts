import fc from 'fast-check';
import { expect, it } from 'vitest';

/** Numbers that a door should have refused, and such that are just about possible. */
const impossible = fc.constantFrom(
  Number.NaN,
  Infinity,
  -Infinity,
  -1,
  -0,
  0,
  0.5,
  1,
  2,
  10,
  1000,
  1.5,
  Number.MIN_VALUE,
  Number.EPSILON,
  1 - Number.EPSILON,
  1e-300,
  1e-9,
  1e7,
  2 ** 53 - 1,
  2 ** 53,
  1e300,
  -1e300,
  Number.MAX_VALUE,
);

export const hostileNumbers = fc.oneof(
  { arbitrary: impossible, weight: 3 },
  { arbitrary: fc.double(), weight: 1 },
  // Among such as are in order, so that more than the first of several is looked at.
  { arbitrary: fc.nat(50), weight: 4 },
  { arbitrary: fc.double({ min: 0, max: 1, noNaN: true }), weight: 4 },
  { arbitrary: fc.constantFrom(0.05, 0.5, 0.95), weight: 2 },
);

export const hostileList = (minLength = 0, maxLength = 6): fc.Arbitrary<number[]> =>
  fc.array(hostileNumbers, { minLength, maxLength });

export interface Sane {
  /** Keys of what is a share, at any depth; `''` is the result itself. */
  readonly shares?: readonly string[];
  /** Keys of what may be without bound. */
  readonly unbounded?: readonly string[];
}

/** Whatever it is given, a function refuses it with a RangeError or says something that can be: never NaN, never a share outside of [0, 1]. */
export function expectSane(call: () => unknown, { shares = [], unbounded = [] }: Sane = {}): void {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return;
  }
  const look = (value: unknown, key: string): void => {
    if (typeof value === 'number') {
      if (Number.isNaN(value)) throw new Error(`${key} is NaN`);
      if (!Number.isFinite(value) && !unbounded.includes(key)) throw new Error(`${key} is ${value}`);
      if (shares.includes(key) && !(value >= 0 && value <= 1)) throw new Error(`${key} is ${value}, no share`);
    } else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      for (const one of value as Iterable<unknown>) look(one, key);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) look(one, name);
    }
  };
  look(result, '');
}

/** A function of numbers alone, and how many it takes. */
export type OfNumbers = readonly [name: string, arity: number, call: (...numbers: number[]) => unknown, sane?: Sane];

/** A law of what is given such numbers. */
export const law = <T>(name: string, property: fc.IProperty<T>): void =>
  it(name, () => {
    fc.assert(property, { numRuns: 300 });
  });

/** Each of them refuses, or says something that can be. */
export function lawsOf(functions: readonly OfNumbers[]): void {
  for (const [name, arity, call, sane] of functions)
    law(
      name,
      fc.property(hostileList(arity, arity), (numbers) => expectSane(() => call(...numbers), sane)),
    );
}
