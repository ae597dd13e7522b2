import type { Span } from '../../model/span.ts';
import type { Minute } from '../../model/time.ts';
import { hashId, type IdHash, namesOf, OF_RESPONSE } from '../id-hash.ts';
import { type Judged, writeJudged } from '../judged.ts';
import type { FreshSpan } from '../sqlite/fresh-spans.ts';
import { bytesList, ids, numbers } from './arrays.ts';
import type { PgConnection } from './connection.ts';
import { CopyWriter } from './copy-writer.ts';
import type { Partitions } from './partitions.ts';
import type { Shards } from './shards.ts';
import { spanData } from './span-rows.ts';

interface Rewritten {
  readonly hash: IdHash;
  readonly span: Span;
  readonly data: Uint8Array;
}

/** Collects the rows of one group, and writes them in a few statements. */
export class SpanWriter {
  readonly #shards: Shards;
  readonly #partitions: Partitions;
  readonly #spans = new CopyWriter();
  readonly #links = new CopyWriter();
  readonly #pointers = new CopyWriter();
  readonly #rewritten: Rewritten[] = [];

  constructor(shards: Shards, partitions: Partitions) {
    this.#shards = shards;
    this.#partitions = partitions;
  }

  /** @param hash  of the trace @throws PartitionMissing */
  add(hash: IdHash, { span, bytes, body, end }: FreshSpan, judged: Judged, minute: Minute): void {
    const isLink = span.kind === 'none';
    const out = isLink ? this.#links : this.#spans;
    this.#partitions.require(isLink ? 'link' : 'span', span.endTenths);
    out.row(isLink ? 6 : 7);
    out.int2(this.#shards.keyOf(hash));
    out.int8(span.endTenths);
    out.id(span.traceId);
    out.id(span.spanId);
    out.int4(hash);
    if (!isLink) out.int4(minute);
    out.written((to) => {
      to.bytesFrom(bytes, body, end - body);
      if (!isLink) writeJudged(to, span, judged);
    });
    if (isLink) return;
    if (span.responseRef !== '') this.#point(hashId(span.responseRef, OF_RESPONSE), span);
    for (const name of namesOf(judged.interaction)) this.#point(name, span);
  }

  /** A stored AI span is judged otherwise now. */
  judgeAnew(hash: IdHash, span: Span, before: Judged, after: Judged): void {
    this.#rewritten.push({ hash, span, data: spanData(span, after) });
    const known = new Set(namesOf(before.interaction));
    for (const name of namesOf(after.interaction)) if (!known.has(name)) this.#point(name, span);
  }

  #point(name: IdHash, { traceId, endTenths }: Span): void {
    this.#partitions.require('pointer', endTenths);
    this.#pointers.row(4);
    this.#pointers.int2(this.#shards.keyOf(name));
    this.#pointers.int4(name);
    this.#pointers.id(traceId);
    this.#pointers.int8(endTenths);
  }

  write(db: PgConnection): void {
    const copies = [
      { rows: this.#spans, into: 'span (shard, "end", trace, span, hash, commit_minute, data)' },
      { rows: this.#links, into: 'link (shard, "end", trace, span, hash, data)' },
      { rows: this.#pointers, into: 'pointer (shard, hash, trace, "end")' },
    ];
    for (const { rows, into } of copies)
      if (rows.rows > 0) db.copy(`copy ${into} from stdin (format binary)`, rows.finish());
    const changed = this.#rewritten;
    if (changed.length === 0) return;
    db.run(
      `update span set data = given.data
       from unnest(?::int2[], ?::int8[], ?::bytea[], ?::bytea[], ?::bytea[]) given (shard, "end", trace, span, data)
       where span.shard = given.shard and span."end" = given."end" and span.trace = given.trace and span.span = given.span`,
      numbers(changed.map(({ hash }) => this.#shards.keyOf(hash))),
      numbers(changed.map(({ span }) => span.endTenths)),
      ids(changed.map(({ span }) => span.traceId)),
      ids(changed.map(({ span }) => span.spanId)),
      bytesList(changed.map(({ data }) => data)),
    );
  }
}
