import type { Verdict } from '../../objectives/reading.ts';
import { nearest } from '../config/nearest.ts';
import { clauses, LineError, Words } from './line.ts';
import type { Expectation, Happening, Want } from './scenario.ts';

const VERDICT_WORDS: Readonly<Record<string, Verdict>> = {
  met: 'met',
  'at risk': 'at_risk',
  breached: 'breached',
  'insufficient evidence': 'insufficient_evidence',
};
const HAPPENING_WORDS: Readonly<Record<string, Happening>> = {
  'opens incident': 'opens',
  'opens an incident': 'opens',
  pages: 'pages',
  'joins incident': 'joins',
  'joins an incident': 'joins',
  resolves: 'resolves',
  'resolves incident': 'resolves',
  'reopens incident': 'reopens',
  'withdraws evidence': 'withdraws',
};
/** As the messages name what may stand here. */
const KNOWN = [
  ...Object.keys(VERDICT_WORDS),
  ...Object.keys(HAPPENING_WORDS).filter((text) => !text.includes(' an ')),
  'no incident',
  'incident open',
  'priority P2',
  'since 55',
  'stale',
  'found late',
  '1 incident so far',
];

/**
 * `58 breached, opens incident  tick 65 met`: what follows the first `tick` of a line; several may stand in one.
 * @param objectives  names of those that are judged  @throws LineError
 */
export function parseExpectations(
  file: string,
  line: number,
  text: string,
  column: number,
  objectives: readonly string[],
): Expectation[] {
  const expectations: Expectation[] = [];
  let at = column;
  for (const part of text.split(/(?<=\s)ticks?(?=\s)/)) {
    expectations.push(expectation(file, line, part, at, objectives));
    at += part.length + 'tick'.length;
  }
  return expectations;
}

function expectation(
  file: string,
  line: number,
  text: string,
  column: number,
  objectives: readonly string[],
): Expectation {
  const head = new Words(file, line, text, column);
  const range = head.range('ticks');
  const rest = text.slice(text.indexOf(text.trimStart()[0]!)).replace(/^\S+/, '');
  let start = column + text.length - rest.length;
  let wanted = rest;
  let objective: string | null = null;
  const named = /^\s*([a-z0-9][a-z0-9-]*):/.exec(rest);
  if (named !== null) {
    objective = new Words(file, line, named[1]!, start + named[0].indexOf(named[1]!)).one(objectives, 'an objective');
    wanted = rest.slice(named[0].length);
    start += named[0].length;
  }
  const wants = clauses(wanted, start).map((clause) => wantOf(file, line, clause.text, clause.column));
  if (objective === null && objectives.length > 1 && wants.some(({ type }) => type === 'verdict' || type === 'stale'))
    throw head.wrong('expected whose verdict is meant', `write ${objectives[0]}: before it`);
  return { line, ...range, objective, wants };
}

/** A want without its text, each kind by itself. */
type Wanted<W> = W extends unknown ? Omit<W, 'text'> : never;

function wantOf(file: string, line: number, text: string, column: number): Want {
  const said = text.trim().replaceAll(/\s+/g, ' ');
  const want = (rest: Wanted<Want>): Want => ({ text: said, ...rest }) as Want;
  const verdict = VERDICT_WORDS[said];
  if (verdict !== undefined) return want({ type: 'verdict', verdict });
  const happening = HAPPENING_WORDS[said];
  if (happening !== undefined) return want({ type: 'happens', happening });
  if (said === 'no incident') return want({ type: 'open', isOpen: false });
  if (said === 'incident open') return want({ type: 'open', isOpen: true });
  if (said === 'stale') return want({ type: 'stale' });
  if (said === 'found late') return want({ type: 'foundLate' });
  const words = new Words(file, line, text, column);
  const count = /^(\d+) incidents? so far$/.exec(said);
  if (count !== null) return want({ type: 'opened', count: Number(count[1]) });
  const priority = /^priority P([1-5])$/.exec(said);
  if (priority !== null) return want({ type: 'priority', priority: Number(priority[1]) });
  if (words.takes('since')) {
    const range = words.range('minutes');
    words.end();
    return want({ type: 'since', ...range });
  }
  const near = said === '' ? null : nearest(said, KNOWN);
  throw new LineError({
    file,
    line,
    column: column + Math.max(0, text.search(/\S/)),
    found: said === '' ? 'nothing' : JSON.stringify(said),
    message: 'expected what holds or happens then',
    hint: near === null ? `known are: ${KNOWN.join(', ')}` : `did you mean ${JSON.stringify(near)}?`,
  });
}
