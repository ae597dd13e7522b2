import type { Random } from '../../src/server/random.ts';

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** A place of its own in a body for each kind of harm; `others` is what pieces may be taken from. */
const HARMS: readonly ((body: Buffer, random: Random, others: readonly Buffer[]) => Buffer)[] = [
  // A byte becomes another, or loses a bit.
  (body, random) => written(body, below(random, body.length), [below(random, 256)]),
  (body, random) => {
    const at = below(random, body.length);
    return written(body, at, [body[at]! ^ (1 << below(random, 8))]);
  },
  // Numbers at their ends: 0, -1, the largest varint and one byte more.
  (body, random) => written(body, below(random, body.length), Array<number>(1 + below(random, 10)).fill(0xff)),
  (body, random) => written(body, below(random, body.length), Array<number>(1 + below(random, 8)).fill(0)),
  (body, random) => inserted(body, below(random, body.length), Buffer.alloc(1 + below(random, 11), 0x80)),
  // Cut off, and a piece left out.
  (body, random) => body.subarray(0, below(random, body.length)),
  (body, random) => {
    const at = below(random, body.length);
    return Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + below(random, 20))]);
  },
  // A piece twice, a piece many times, a piece of another body.
  (body, random) => inserted(body, below(random, body.length), piece(body, random)),
  (body, random) => inserted(body, below(random, body.length), Buffer.concat(Array(8).fill(piece(body, random)))),
  (body, random, others) =>
    inserted(body, below(random, body.length), piece(others[below(random, others.length)]!, random)),
];

/** A body hurt in one place, or in two, or in three ... */
export function mutated(body: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let hurt = body;
  do if (hurt.length > 0) hurt = HARMS[below(random, HARMS.length)]!(hurt, random, others);
  while (random() < 0.3);
  return Buffer.from(hurt);
}

function written(body: Buffer, at: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(body);
  copy.set(bytes.slice(0, body.length - at), at);
  return copy;
}

const inserted = (body: Buffer, at: number, bytes: Buffer): Buffer =>
  Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)]);

function piece(of: Buffer, random: Random): Buffer {
  const from = below(random, of.length);
  return of.subarray(from, from + 1 + below(random, 64));
}

/** Values that parsers stumble over, as JSON. */
const ODD_JSON = [
  ...['null', 'true', '0', '-0', '-1', '1e999', '1e-999', '9007199254740993', '18446744073709551616', '0.1e1', '""'],
  ...['"NaN"', '"\\u0000"', '"\\ud800"', '"1970-01-01T00:00:00Z"', '"2554-07-21T23:34:33Z"', '"9".repeat', '[]', '{}'],
  ...[
    '[[[[]]]]',
    '{"a":{"a":{}}}',
    '"__proto__"',
    `"${'x'.repeat(9000)}"`,
    `"${'0'.repeat(32)}"`,
    '"🚢"',
    '1'.repeat(400),
  ],
].map((text) => Buffer.from(text));

/** JSON in which one value, or key, has become another. */
export function oddJson(body: Buffer, random: Random): Buffer {
  const text = body.toString('latin1');
  const places = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g)];
  const place = places[below(random, places.length)];
  if (place === undefined) return body;
  const end = place.index + place[0].length;
  return Buffer.concat([body.subarray(0, place.index), ODD_JSON[below(random, ODD_JSON.length)]!, body.subarray(end)]);
}
