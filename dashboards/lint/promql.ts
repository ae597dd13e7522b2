/** A metric in an expression, with what stands around it. */
export interface Selector {
  readonly metric: string;
  /** Between the braces. */
  readonly matchers: string;
  /** Between the brackets. */
  readonly range: string | null;
  /** Functions and aggregations that it stands in, innermost first. */
  readonly within: readonly string[];
}

export const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'group', 'topk', 'bottomk', 'quantile', 'stddev'];
/** Words before a list of labels in parentheses. */
const BEFORE_LABELS = ['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'];
const OPERATORS = ['and', 'or', 'unless', 'bool', 'offset', 'atan2'];

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d[\w.]*|[a-zA-Z_:][\w:]*|\S/g;

/**
 * The selectors of an expression. Not a parser: it finds names, braces and parentheses, which is what the rules need; whether
 * Prometheus understands an expression is asked of Prometheus.
 * @throws Error when brackets do not match
 */
export function selectorsOf(expr: string): Selector[] {
  const tokens = expr.match(TOKEN) ?? [];
  const selectors: Selector[] = [];
  const stack: string[] = [];
  let waiting = '';
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const next = tokens[at + 1];
    if (token === '(') {
      stack.push(waiting);
      waiting = '';
    } else if (token === ')') {
      if (stack.pop() === undefined) throw new Error('a parenthesis is closed that was not opened');
    } else if (BEFORE_LABELS.includes(token)) {
      if (next === '(') at = endOf(tokens, at + 1, ')');
    } else if (/^[a-zA-Z_:]/.test(token) && !OPERATORS.includes(token)) {
      if (next === '(' || AGGREGATIONS.includes(token)) {
        waiting = token;
        continue;
      }
      const { selector, end } = selectorAt(tokens, at, stack);
      selectors.push(selector);
      at = end;
    }
  }
  if (stack.length > 0) throw new Error('a parenthesis is opened that is not closed');
  return selectors;
}

function selectorAt(
  tokens: readonly string[],
  start: number,
  stack: readonly string[],
): { selector: Selector; end: number } {
  let end = start;
  let matchers = '';
  let range: string | null = null;
  if (tokens[end + 1] === '{') {
    const close = endOf(tokens, end + 1, '}');
    matchers = tokens.slice(end + 2, close).join('');
    end = close;
  }
  if (tokens[end + 1] === '[') {
    const close = endOf(tokens, end + 1, ']');
    range = tokens.slice(end + 2, close).join('');
    end = close;
  }
  const within = stack.filter((name) => name !== '').reverse();
  return { selector: { metric: tokens[start]!, matchers, range, within }, end };
}

function endOf(tokens: readonly string[], open: number, close: string): number {
  const end = tokens.indexOf(close, open);
  if (end < 0) throw new Error(`${tokens[open]} is opened and not closed`);
  return end;
}
