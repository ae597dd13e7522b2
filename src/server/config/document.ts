import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { Position } from './issues.ts';
import type { ConfigProblem } from './problem.ts';

/** One document of a file, with the places of all its values. */
export interface ParsedDocument {
  readonly file: string;
  readonly value: unknown;
  readonly positionOf: (path: readonly PropertyKey[], ofKey?: boolean) => Position;
}

/** Aliases that may be expanded: enough for people, too few for a bomb. */
const ALIASES_MAX = 100;

/** Reads the documents of a YAML (or JSON) file; what is not YAML is a problem with its place. */
export function parseDocuments(file: string, text: string): { documents: ParsedDocument[]; problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const documents: ParsedDocument[] = [];
  const problems: ConfigProblem[] = [];
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  for (const one of Array.isArray(parsed) ? parsed : []) {
    const place = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    };
    for (const error of one.errors)
      problems.push({
        file,
        ...place(error.pos[0]),
        path: '',
        found: null,
        message: `not readable as YAML: ${error.message}`,
        hint: error.code === 'DUPLICATE_KEY' ? 'remove one of the two' : null,
        code: error.code === 'DUPLICATE_KEY' ? 'PLIM_CONFIG_DUPLICATE_KEY' : 'PLIM_CONFIG_NOT_YAML',
      });
    if (one.errors.length > 0 || one.contents === null) continue;
    let value: unknown;
    try {
      value = one.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (error) {
      problems.push({
        file,
        line: 1,
        column: 1,
        path: '',
        found: null,
        message: `not readable: ${(error as Error).message}`,
        hint: null,
        code: 'PLIM_CONFIG_NOT_YAML',
      });
      continue;
    }
    const contents = one.contents as Node;
    documents.push({ file, value, positionOf: (path, ofKey = false) => place(offsetOf(contents, path, ofKey)) });
  }
  return { documents, problems };
}

/** Where a path lies in the file, or the nearest thing above it that is there. */
function offsetOf(root: Node, path: readonly PropertyKey[], ofKey: boolean): number {
  let node: Node = root;
  let offset = node.range?.[0] ?? 0;
  for (const [depth, key] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      const keyOffset = (pair.key as Node).range?.[0] ?? offset;
      if (!isNode(pair.value) || (isLast && ofKey)) return keyOffset;
      node = pair.value;
      offset = node.range?.[0] ?? keyOffset;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      if (!isNode(item)) return offset;
      node = item;
      offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
