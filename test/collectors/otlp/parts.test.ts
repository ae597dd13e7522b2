import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BodyBuffer, bodyRoom } from '../../../collectors/otlp/body-buffer.ts';
import { KeyTable } from '../../../collectors/otlp/key-table.ts';
import { nanosBetween, nanosBeyondTenths, tenthsOf } from '../../../collectors/otlp/nanos.ts';
import { BufferPool } from '../../../collectors/otlp/pool.ts';
import { Turns } from '../../../collectors/otlp/turns.ts';
import { MAX_WEIGHT, weightOf } from '../../../collectors/otlp/weight.ts';
import { MalformedBody, Wire } from '../../../collectors/otlp/wire.ts';

describe('times', () => {
  const instants = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const halves = (value: bigint): [number, number] => [Number(value & 0xffffffffn), Number(value >> 32n)];

  it('tenths and the rest are exact for every 64-bit count of nanoseconds', () => {
    fc.assert(
      fc.property(instants, (nanos) => {
        expect(BigInt(tenthsOf(...halves(nanos)))).toBe(nanos / 100_000_000n);
        expect(BigInt(nanosBeyondTenths(...halves(nanos)))).toBe(nanos % 100_000_000n);
      }),
      { numRuns: 2000 },
    );
  });

  it('what lies between two instants is exact up to 104 days', () => {
    fc.assert(
      fc.property(instants, fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }), (from, took) => {
        const to = BigInt.asUintN(64, from + took);
        fc.pre(to - from === took);
        expect(nanosBetween(...halves(from), ...halves(to))).toBe(Number(took));
      }),
    );
  });
});

describe('weights', () => {
  it.each([
    ['', 1],
    ['vendor=x', 1],
    ['ot=th:c', 4],
    ['ot=th:8', 2],
    ['ot=th:0', 1],
    ['vendor=x, ot=rv:123;th:c ,other=y', 4],
    ['ot=p:3', 8],
    ['ot=p:63', 1],
    ['ot=th:xyz', 1],
    ['ot=th:ffffffffffffff', MAX_WEIGHT],
    ['not=th:c', 1],
  ])('tracestate "%s" weighs %d', (state, weight) => {
    expect(weightOf(state)).toBe(weight);
  });
});

describe('keys', () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 });

  it('every key is found by its number, also among keys that look alike, and nothing else is', () => {
    fc.assert(
      fc.property(keys, fc.array(fc.string()), (list, others) => {
        const table = new KeyTable(list);
        for (const [i, key] of list.entries()) expect(numberOf(table, key)).toBe(i);
        for (const other of others) expect(numberOf(table, other)).toBe(list.indexOf(other));
      }),
    );
    const alike = Array.from({ length: 100 }, (_, i) => `app.tenant.${String.fromCharCode(200 + i)}idx`);
    const table = new KeyTable(alike);
    expect(alike.map((key) => numberOf(table, key))).toEqual(alike.map((_, i) => i));
  });
  const numberOf = (table: KeyTable, key: string): number => {
    const bytes = Buffer.from(`..${key}.`);
    return table.find(bytes, 2, bytes.length - 3);
  };
});

describe('buffers', () => {
  it('are lent by size, lent again when given back, and kept up to a limit', () => {
    const pool = new BufferPool(200_000);
    const small = pool.take(1);
    const large = pool.take(65_537);
    expect([small.length, large.length]).toEqual([65_536, 131_072]);
    pool.giveBack(small);
    expect(pool.take(60_000)).toBe(small);
    pool.giveBack(large);
    pool.giveBack(small);
    expect(pool.idleBytes).toBe(196_608);
    const surplus = pool.take(100_000);
    pool.giveBack(pool.take(1));
    const another = Buffer.allocUnsafeSlow(131_072);
    pool.giveBack(another);
    pool.giveBack(surplus);
    expect([pool.idleBytes, another.length, surplus.length]).toEqual([196_608, 131_072, 0]);
  });

  it('bodies give back all that they were lent, however they grew and ended', async () => {
    const chunks = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(400_000), async (sizes, expected) => {
        const room = bodyRoom(1_000_000, 2 ** 20, 1e6);
        const whole = Buffer.concat(sizes.map((size, i) => Buffer.alloc(size, i + 1)));
        const body = await BodyBuffer.lend(room, expected);
        const outcome = () => {
          for (const [i, size] of sizes.entries()) body.append(Buffer.alloc(size, i + 1));
          return body.bytes.equals(whole);
        };
        if (whole.length <= room.maxBodyBytes) expect(outcome()).toBe(true);
        else expect(outcome).toThrow('PLIM_OTLP_TOO_LARGE');
        body.release();
        expect(room.inFlight.used).toBe(0);
        expect(room.turns.used).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('turns', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Takes a turn; `has` says whether it has come. */
  function taking(turns: Turns, bytes: number): { has: boolean; end: () => void } {
    const one = { has: false, end: (): void => {} };
    void turns.take(bytes).then((end) => Object.assign(one, { has: true, end }));
    return one;
  }

  it('come when there is room, in their order, small ones before large ones that do not fit', async () => {
    vi.useFakeTimers();
    const turns = new Turns(10);
    const [first, large, small, next] = [6, 5, 4, 5].map((bytes) => taking(turns, bytes));
    await vi.advanceTimersByTimeAsync(0);
    expect([first!.has, large!.has, small!.has, next!.has]).toEqual([true, false, true, false]);
    first!.end();
    await vi.advanceTimersByTimeAsync(0);
    expect([large!.has, next!.has, turns.used]).toEqual([true, false, 9]);
    small!.end();
    await vi.advanceTimersByTimeAsync(0);
    expect([next!.has, turns.used]).toEqual([true, 10]);
    large!.end();
    next!.end();
    expect(turns.used).toBe(0);
  });

  it('one that is larger than all may be together has its turn alone', async () => {
    vi.useFakeTimers();
    const turns = new Turns(10);
    const [large, other] = [40, 1].map((bytes) => taking(turns, bytes));
    await vi.advanceTimersByTimeAsync(0);
    expect([large!.has, other!.has]).toEqual([true, false]);
    large!.end();
    await vi.advanceTimersByTimeAsync(0);
    expect([other!.has, turns.used]).toEqual([true, 1]);
  });

  it('are not waited for longer than a quarter of a second: those before may send slowly', async () => {
    vi.useFakeTimers();
    const turns = new Turns(10);
    const [slow, other] = [10, 10].map((bytes) => taking(turns, bytes));
    await vi.advanceTimersByTimeAsync(249);
    expect(other!.has).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    // The slow one counts no more.
    expect([other!.has, turns.used]).toEqual([true, 10]);
    slow!.end();
    other!.end();
    expect(turns.used).toBe(0);
  });
});

describe('wire', () => {
  const over = (...bytes: number[]): Wire => {
    const wire = new Wire();
    wire.buffer = Buffer.from(bytes);
    return wire;
  };

  it.each([
    ['a number is cut short', [0x80]],
    ['a field tag is too long', [0x80, 0x80, 0x80, 0x80, 0x10]],
    ['field number 0', [0x02]],
    ['wire type 7', [0x0f]],
    ['wire type 4', [0x0c]],
    ['8 bytes are needed where 2 are left', [0x09, 1, 2]],
    ['4 bytes are needed where 1 are left', [0x0d, 1]],
    ['5 bytes are announced where 1 are left', [0x0a, 5, 1]],
    ['a length is too long', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a number has more than ten bytes', [0x08, ...Array<number>(11).fill(0x80)]],
    ['group 1 ends as group 2', [0x0b, 0x14]],
    ['more than 80 groups in each other', Array<number>(100).fill(0x0b)],
  ])('%s', (reason, bytes) => {
    const wire = over(...bytes);
    expect(() => wire.check(new Map(), bytes.length, 0)).toThrow(MalformedBody);
    wire.at = 0;
    expect(() => wire.check(new Map(), bytes.length, 0)).toThrow(reason);
  });

  it('numbers of 64 bits are read with their sign', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes: number[] = [];
        for (let rest = BigInt.asUintN(64, BigInt(value)); bytes.length < 10; rest >>= 7n) {
          bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
          if (rest <= 127n) break;
        }
        expect(over(...bytes).int64(bytes.length)).toBe(value + 0);
      }),
    );
  });
});
