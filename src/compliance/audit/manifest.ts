import { JsonFault } from '../../model/json.ts';
import type { JsonObject } from './canonical-json.ts';
import { CompactRange } from './compact-range.ts';
import { hex, isHash, unhex } from './hash.ts';

/** What an export is: the sizes and hashes of its files, and which part of which log they hold. */
export interface Manifest extends JsonObject {
  readonly v: 1;
  readonly log: string;
  readonly kind: 'full' | 'partial';
  readonly generator: string;
  readonly ts: string;
  /** Of the head that the export ends with. */
  readonly size: number;
  readonly root: string;
  /** Entries in `entries.jsonl`: seq from `from`, below `to`. */
  readonly from: number;
  readonly to: number;
  /** What was cut off in front: so many entries, and the peaks of their tree, hex. */
  readonly base: { readonly size: number; readonly peaks: readonly string[] };
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly key_id: string;
}

export const baseJson = ({ size, peaks }: CompactRange): Manifest['base'] => ({ size, peaks: peaks.map(hex) });

/** @throws JsonFault when the peaks are not those of so many entries */
export function baseFromJson(base: Manifest['base']): CompactRange {
  try {
    if (!base.peaks.every(isHash)) throw new RangeError('a peak is no hash');
    return new CompactRange(base.size, base.peaks.map(unhex));
  } catch (error) {
    throw new JsonFault(`base: ${(error as Error).message}`);
  }
}

/** @throws JsonFault when it is no manifest of this version */
export function readManifest(value: unknown): Manifest {
  const manifest = value as Manifest;
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const isManifest =
    typeof value === 'object' &&
    value !== null &&
    manifest.v === 1 &&
    typeof manifest.log === 'string' &&
    (manifest.kind === 'full' || manifest.kind === 'partial') &&
    isHash(manifest.root) &&
    isHash(manifest.key_id) &&
    [manifest.size, manifest.from, manifest.to, manifest.base?.size].every(isCount) &&
    Array.isArray(manifest.base.peaks) &&
    typeof manifest.files === 'object' &&
    manifest.files !== null &&
    Object.values(manifest.files).every((file) => isCount(file?.bytes) && isHash(file?.sha256));
  if (!isManifest) throw new JsonFault('it is no manifest of version 1');
  return manifest;
}
