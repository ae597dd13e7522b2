import { ERROR_CLASSES } from '../../model/error-class.ts';
import type { FeedbackKind } from '../../model/signals.ts';
import { clauses, Words } from './line.ts';
import type { Answers, Item, Ratings, Traffic } from './scenario.ts';

const ITEMS = ['ok', 'slow', 'failed', 'scored', 'labelled', 'thumbs', 'rated'] as const;

/** What a stretch of minutes says that does not stand in its line. */
export interface TrafficDefaults {
  /** How long an answer takes of which nothing is said, ms: none of the limits is exceeded. */
  readonly okMs: number;
  /** How long a slow one takes: longer than every limit; null where there is no limit. */
  readonly slowMs: number | null;
  /** Names of services and their environments. */
  readonly services: readonly { readonly name: string; readonly environment: string }[];
  /** The evaluations and labels that objectives are about. */
  readonly evaluations: readonly string[];
  readonly labels: readonly string[];
}

/** `55..59 of shop 700 ok 300 failed, arrives at 130`: what follows `minutes`. @throws LineError */
export function parseTraffic(file: string, line: number, text: string, column: number, has: TrafficDefaults): Traffic {
  const [head, ...more] = clauses(text, column);
  const words = new Words(file, line, head!.text, head!.column);
  const { from, to } = words.range('minutes');
  const { name: service, environment } = serviceOf(words, has);
  const items: Item[] = [];
  while (!words.isDone) items.push(item(words, has));
  if (items.length === 0) throw words.wrong('expected what happened in these minutes, like 100 ok 3 failed');
  let arrives: Traffic['arrives'] = null;
  let weight = 1;
  for (const part of more) {
    const clause = new Words(file, line, part.text, part.column);
    if (clause.takes('arrives', 'at')) {
      arrives = { at: clause.tick('when it arrives') };
      if (arrives.at <= to)
        throw clause.wrong(`it arrives before it is over: minute ${to} is judged in tick ${to + 1}`);
    } else if (clause.takes('arrives')) {
      arrives = { lateMinutes: clause.wholeMinutes('how late') };
      clause.expect('late');
    } else if (clause.takes('sampled', '1', 'in')) weight = clause.count('stand behind one');
    else throw clause.wrong('expected "arrives at 130", "arrives 2h late" or "sampled 1 in 4"');
    clause.end();
  }
  return { line, from, to, service, environment, items, arrives, weight };
}

function serviceOf(words: Words, { services }: TrafficDefaults): { name: string; environment: string } {
  if (!words.takes('of')) {
    if (services.length === 1) return services[0]!;
    throw words.wrong('expected whose traffic it is', `write of ${services.map(({ name }) => name).join(' or of ')}`);
  }
  const name = words.one(
    services.map((one) => one.name),
    'the name of a service that has objectives',
  );
  const alike = services.filter((one) => one.name === name);
  if (alike.length === 1) return alike[0]!;
  words.expect('in');
  const environment = words.one(
    alike.map((one) => one.environment),
    'its environment',
  );
  return { name, environment };
}

function item(words: Words, has: TrafficDefaults): Item {
  const count = words.count('of something');
  const what = words.one(ITEMS, 'what these were');
  switch (what) {
    case 'ok':
      return answers(count, words.takes('in') ? words.durationMs('how long they took') : has.okMs);
    case 'slow': {
      if (words.takes('in')) return answers(count, words.durationMs('how long they took'));
      if (has.slowMs === null)
        throw words.wrong('no objective has a limit of time, so nothing says what slow is', 'write 20 slow in 10s');
      return answers(count, has.slowMs);
    }
    case 'failed':
      return {
        ...answers(count, has.okMs),
        failure: words.takes('as') ? words.one(ERROR_CLASSES, 'a class of errors') : 'server',
      };
    case 'scored': {
      const score = words.number('a score');
      const name = nameOf(words, 'by', 'evaluation', has.evaluations);
      return ratings(words, count, { type: 'evaluation', name, score });
    }
    case 'labelled': {
      const value = words.one(['true', 'false'], 'what the label says') === 'true';
      return ratings(words, count, { type: 'label', name: nameOf(words, 'for', 'label', has.labels), value });
    }
    case 'thumbs':
      return feedback(words, count, 'thumbs', words.one(['up', 'down'], 'which way'));
    case 'rated': {
      const stars = words.count('stars');
      if (stars < 1 || stars > 5) throw words.wrong('there are 1 to 5 stars');
      words.expect('stars');
      return feedback(words, count, 'stars', stars);
    }
  }
}

const answers = (count: number, durationMs: number): Answers => ({
  type: 'answers',
  count,
  durationMs,
  failure: null,
});

const feedback = (words: Words, count: number, kind: FeedbackKind, value: string | number): Ratings =>
  ratings(words, count, { type: 'feedback', kind, value });

const ratings = (words: Words, count: number, rating: Ratings['rating']): Ratings => ({
  type: 'ratings',
  count,
  rating,
  afterMinutes: words.takes('after') ? words.wholeMinutes('how long after') : 0,
});

/** The one that is meant: it need not be said where there is only one. */
function nameOf(words: Words, preposition: string, what: string, known: readonly string[]): string {
  if (words.takes(preposition)) return words.one(known, `the name of the ${what} that an objective is about`);
  if (known.length === 1) return known[0]!;
  throw words.wrong(
    known.length === 0
      ? `no objective is about a${what === 'evaluation' ? 'n' : ''} ${what}`
      : `expected which ${what}`,
    known.length === 0 ? null : `write ${preposition} ${known.join(` or ${preposition} `)}`,
  );
}
