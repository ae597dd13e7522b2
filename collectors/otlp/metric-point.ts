import type { Wire } from './wire.ts';

/** The fields of a data point of a histogram, of either kind, with their wire types. */
const START = (2 << 3) | 1;
const TIME = (3 << 3) | 1;
const COUNT = (4 << 3) | 1;
const FLAGS = 10 << 3;

/** "No recorded value": the stream is gone, and the point says nothing. */
const IS_EMPTY = 1;

/** A 64-bit number in halves. */
interface Halves {
  low: number;
  high: number;
}

/** What stands in a data point's own fields: one object for all points. */
export class HistogramPoint {
  readonly start: Halves = { low: 0, high: 0 };
  readonly time: Halves = { low: 0, high: 0 };
  readonly count: Halves = { low: 0, high: 0 };
  isEmpty = false;

  /** Exact up to 2^53. */
  get calls(): number {
    return this.count.high * 2 ** 32 + this.count.low;
  }

  /** @param attribute  the tag of attributes, and what reads each; it has to leave the cursor at the end given */
  read(wire: Wire, end: number, attribute: number, readAttribute: (end: number) => void): void {
    this.isEmpty = false;
    for (const halves of [this.start, this.time, this.count]) Object.assign(halves, { low: 0, high: 0 });
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === attribute) readAttribute(wire.messageEnd(end));
      else if (tag === START) readHalves(wire, end, this.start);
      else if (tag === TIME) readHalves(wire, end, this.time);
      else if (tag === COUNT) readHalves(wire, end, this.count);
      else if (tag === FLAGS) this.isEmpty = (wire.varint(end) & IS_EMPTY) !== 0;
      else wire.skip(tag, end);
    }
  }
}

function readHalves(wire: Wire, end: number, into: Halves): void {
  into.low = wire.uint32(end);
  into.high = wire.uint32(end);
}
