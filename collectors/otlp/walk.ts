import type { Wire } from './wire.ts';

/** Calls `read` for each message of the field that `tag` names; the cursor is at its end afterwards, wherever `read` left it. */
export function eachMessage(wire: Wire, end: number, tag: number, read: (end: number) => void): void {
  while (wire.at < end) {
    const found = wire.tag(end);
    if (found !== tag) {
      wire.skip(found, end);
      continue;
    }
    const to = wire.messageEnd(end);
    read(to);
    wire.at = to;
  }
}

/** What a request is read with; each is given the end of what begins at the cursor. */
export interface Visitor {
  readonly beginResource: () => void;
  /** A resource, or a part of one: given in several parts it is their sum. */
  readonly resource: (end: number) => void;
  readonly beginScope: () => void;
  readonly scope: (end: number) => void;
  readonly item: (end: number) => void;
}

// Lists of spans, logs and metrics have the same numbers: in each, 1 describes what is in 2.
const LIST_OF_RESOURCE = (1 << 3) | 2;
const DESCRIPTION = (1 << 3) | 2;
const CONTENT = (2 << 3) | 2;

/** Visits the items of an export request of any signal; resource and scope come before their items, wherever they stand. */
export function walkRequest(wire: Wire, body: Buffer, visitor: Visitor): void {
  wire.buffer = body;
  wire.at = 0;
  eachMessage(wire, body.length, LIST_OF_RESOURCE, (end) => {
    visitor.beginResource();
    describedList(wire, end, visitor.resource, (scopeEnd) => {
      visitor.beginScope();
      describedList(wire, scopeEnd, visitor.scope, visitor.item);
    });
  });
}

function describedList(wire: Wire, end: number, describe: Visitor['item'], content: Visitor['item']): void {
  const start = wire.at;
  eachMessage(wire, end, DESCRIPTION, describe);
  wire.at = start;
  eachMessage(wire, end, CONTENT, content);
}

const NAME = (1 << 3) | 2;
const VERSION = (2 << 3) | 2;
const MAX_NAME_BYTES = 256;

/** The library that an item came from. */
export interface Scope {
  name: string;
  version: string;
}

export function readScope(wire: Wire, end: number, into: Scope): void {
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag !== NAME && tag !== VERSION) {
      wire.skip(tag, end);
      continue;
    }
    const length = wire.size(end);
    const text = wire.buffer.toString('utf8', wire.at, wire.at + Math.min(length, MAX_NAME_BYTES));
    into[tag === NAME ? 'name' : 'version'] = text;
    wire.at += length;
  }
}
