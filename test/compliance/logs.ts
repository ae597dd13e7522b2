import { generateKeyPairSync } from 'node:crypto';
import type { JsonObject } from '../../src/compliance/audit/canonical-json.ts';
import { CompactRange } from '../../src/compliance/audit/compact-range.ts';
import { entryText, leafOfText, NO_LEAF, prevAfter } from '../../src/compliance/audit/entry.ts';
import { headOf, type SignedHead, signHead } from '../../src/compliance/audit/head.ts';
import { type SigningKey, signingKeyOf } from '../../src/compliance/audit/keys.ts';
import { LogCheck, type LogCheckOptions, type LogReport } from '../../src/compliance/audit/log-check.ts';

export const freshKey = (): SigningKey => signingKeyOf(generateKeyPairSync('ed25519').privateKey);

export interface TestLog {
  readonly texts: readonly string[];
  readonly leaves: readonly Buffer[];
  readonly ranges: readonly CompactRange[];
}

export const START = Date.UTC(2026, 9, 1);

/** A log whose entries after the first hold these data. */
export function logOf(
  data: readonly JsonObject[],
  typeOf: (seq: number) => string = () => 'incident.updated',
): TestLog {
  const texts: string[] = [];
  const leaves: Buffer[] = [];
  const ranges = [new CompactRange()];
  for (const [seq, one] of [{}, ...data].entries()) {
    const entry = {
      at: START + seq * 1000,
      actor: { kind: 'system', id: 'plimsoll' },
      type: seq === 0 ? 'log.created' : typeOf(seq),
      data: one,
    };
    texts.push(entryText(entry, seq, seq === 0 ? NO_LEAF : prevAfter(leaves.at(-1)!)));
    leaves.push(leafOfText(texts.at(-1)!));
    const range = ranges.at(-1)!.copy();
    range.append(leaves.at(-1)!);
    ranges.push(range);
  }
  return { texts, leaves, ranges };
}

export const headsOf = (log: TestLog, sizes: readonly number[], key: SigningKey): SignedHead[] =>
  sizes.map((size) => signHead(headOf('test', log.ranges[size]!, START + size * 1000), key));

export function check(texts: readonly string[], options: Partial<LogCheckOptions> = {}): LogReport {
  const checking = new LogCheck({
    base: new CompactRange(),
    heads: [],
    anchors: [],
    keys: [],
    rotations: [],
    trusted: [],
    ...options,
  });
  for (const text of texts) checking.take(Buffer.from(text));
  return checking.finish();
}
